"""Legal and credit events: how many, how recent, contested or cured, as known by as_of_date.

An event contested by the buyer is counted apart and starts no default; the opening of insolvency
is a court's decision, and counts even when contested.
"""

from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.as_of import known_at
from features.calendar import DAYS_A_MONTH
from features.facts import Facts, Keys
from features.feature import Feature

WINDOWS = {12: 365, 24: 730, 36: 1095}  # months, days

# kind -> English, French
KINDS = {
    "overdue_declared": ("overdue declarations", "déclarations d'impayé"),
    "claim": ("claims", "sinistres"),
    "protracted_default": ("protracted defaults", "carences de paiement"),
    "judgment": ("judgments", "jugements"),
    "insolvency_opened": ("insolvency openings", "ouvertures de procédure collective"),
}

ABSENT = -2  # -1 is an event without a kind
DAYS = np.array(list(WINDOWS.values()))
INSOLVENCY = list(KINDS).index("insolvency_opened")
CLAIM, PROTRACTED = list(KINDS).index("claim"), list(KINDS).index("protracted_default")

_feature = partial(
    Feature,
    topic="incidents",
    source="incidents",
    known="events published by as_of_date, dated by event_date",
)


FEATURES = (
    *(
        _feature(
            name=f"{kind}_{months}m",
            unit="count",
            formula=f"uncontested events of kind {kind} over {days} days",
            monotone=1,
            why="who failed to pay once is likelier to fail again",
            en=f"{en} over {months} months",
            fr=f"{fr} sur {months} mois",
        )
        for kind, (en, fr) in KINDS.items()
        for months, days in WINDOWS.items()
    ),
    *(
        _feature(
            name=f"disputed_incidents_{months}m",
            unit="count",
            formula=f"contested events of any kind over {days} days",
            monotone=0,
            why="a dispute is no failure to pay, though some dispute for want of money",
            en=f"contested events over {months} months",
            fr=f"événements contestés sur {months} mois",
        )
        for months, days in WINDOWS.items()
    ),
    *(
        _feature(
            name=f"months_since_{kind}",
            unit="months",
            formula=f"months since the last uncontested event of kind {kind}; missing if none",
            monotone=0,
            why="an old event weighs less, but none at all, the usual case, is missing",
            en=f"{en}, months since the last",
            fr=f"{fr}, mois depuis le dernier événement",
        )
        for kind, (en, fr) in KINDS.items()
    ),
    _feature(
        name="months_since_cure",
        unit="months",
        formula="months since the last cure; missing if none",
        monotone=0,
        why="a cure closes a default, yet tells that there was one",
        en="months since the last cure",
        fr="mois depuis la dernière régularisation",
    ),
    _feature(
        name="uncured_incidents",
        unit="count",
        formula="uncontested events of any kind since the last cure",
        monotone=1,
        why="troubles that nobody has reported solved",
        en="events not cured",
        fr="événements non régularisés",
        actionable=True,
    ),
    _feature(
        name="insolvency_open",
        unit="flag",
        formula="an insolvency was opened and no cure is dated on or after it",
        monotone=1,
        why="insolvency is default",
        en="insolvency proceedings open",
        fr="procédure collective en cours",
        role="limit",
    ),
    _feature(
        name="in_default",
        unit="flag",
        formula="an uncontested claim or protracted default and no cure dated on or after it",
        monotone=1,
        why="protracted default is default until cured",
        en="in default",
        fr="en défaut",
        role="limit",
        actionable=True,
    ),
)


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """The incident features, shape (len(keys), len(FEATURES)); no known event counts as none."""
    incidents = facts["incidents"]
    counted = np.zeros((len(keys), len(KINDS) + 1, len(DAYS)))  # the last row: contested ones
    since = np.full((len(keys), len(KINDS) + 1), np.nan)  # days; the last: since the last cure
    standing = np.zeros((len(keys), 3))  # troubles, insolvency, default
    events = (incidents["event_date"], incidents["kind"], incidents["disputed"])
    rows = (incidents.start, incidents.known, *events)
    _fill(rows, facts.once(_codes), keys.buyer, keys.as_of, counted, since, standing)
    counts = counted.reshape(len(keys), -1)
    return np.concatenate([counts, since / DAYS_A_MONTH, standing], axis=1)


@njit(cache=True, nogil=True)
def _fill(
    rows: tuple[NDArray, NDArray, NDArray, NDArray, NDArray],
    codes: NDArray,
    buyer: NDArray,
    as_of: NDArray,
    counted: NDArray,
    since: NDArray,
    standing: NDArray,
) -> None:
    start, known, event, kinds, disputed = rows
    last = len(codes) - 1
    for key in range(len(buyer)):
        for row in range(start[buyer[key]], start[buyer[key] + 1]):
            if known[row] > as_of[key]:
                continue
            age, kind, contested = (
                as_of[key] - event[row],
                _kind(kinds[row], codes),
                disputed[row] > 0,
            )
            if contested or 0 <= kind < last:
                for window in range(len(DAYS)):
                    counted[key, last if contested else kind, window] += age < DAYS[window]
            if kind == last or (kind >= 0 and not contested):
                since[key, kind] = np.fmin(since[key, kind], age)
        for row in range(start[buyer[key]], start[buyer[key] + 1]):
            age, kind, contested = (
                as_of[key] - event[row],
                _kind(kinds[row], codes),
                disputed[row] > 0,
            )
            cured = age >= since[key, last]  # a cure on or after it; false where none is known
            if known[row] > as_of[key] or cured or not 0 <= kind < last:
                continue
            standing[key, 0] += not contested
            if kind == INSOLVENCY:
                standing[key, 1] = 1.0
            if kind in (CLAIM, PROTRACTED) and not contested:
                standing[key, 2] = 1.0


@njit(cache=True, nogil=True)
def _kind(code: int, codes: NDArray) -> int:
    """The place of a code among those of KINDS and, last, of a cure; -1 for none of these."""
    for place in range(len(codes)):
        if codes[place] == code:
            return place
    return -1


def known_events(facts: Facts, keys: Keys) -> NDArray[np.int64]:
    """How many uncontested events of each kind are known, whatever their age: (len(keys), KINDS).

    It can only grow with the as_of day, unless the ledger itself is corrected.
    """
    incidents = facts["incidents"]
    key, row = known_at(incidents, keys.buyer, keys.as_of)
    of_kind = incidents["kind"][row, None] == facts.once(_codes)[:-1]
    certain = of_kind & ~(incidents["disputed"][row, None] > 0)
    return _count(certain, key, len(keys)).astype(np.int64)


def _codes(facts: Facts) -> NDArray[np.int64]:
    """The code of each kind, then of a cure; ABSENT where no event has it."""
    labels = facts["incidents"].labels["kind"].tolist()
    place = {label: code for code, label in enumerate(labels)}
    return np.array([place.get(kind, ABSENT) for kind in (*KINDS, "cure")])


def _count(which: NDArray[np.bool_], key: NDArray[np.int64], keys: int) -> NDArray[np.float64]:
    """How many events of each key are true in `which` (events, …): shape (keys, …)."""
    counts = np.zeros((keys, *which.shape[1:]))
    np.add.at(counts, key, which)
    return counts
