"""Legal and credit events: how many, how recent, contested or cured, as known by as_of_date.

An event contested by the buyer is counted apart and starts no default; the opening of insolvency
is a court's decision, and counts even when contested.
"""

from functools import partial

import numpy as np
from numpy.typing import NDArray

from features.as_of import known_at
from features.facts import Facts, Keys, Rows
from features.feature import Feature

DAYS_A_MONTH = 365.25 / 12
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
DEFAULTS = [list(KINDS).index(kind) for kind in ("claim", "protracted_default")]

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
    key, row = known_at(incidents, keys.buyer, keys.as_of)
    age = keys.as_of[key] - incidents["event_date"][row]
    contested = incidents["disputed"][row, None] > 0
    of_kind = incidents["kind"][row, None] == _codes(incidents)  # (events, kinds and cure)
    certain, cure = of_kind[:, :-1] & ~contested, of_kind[:, -1:]

    counted = np.hstack([certain, contested])[:, :, None] & (age[:, None, None] < DAYS)
    since = _age_of_last(np.hstack([certain, cure]), age, key, len(keys))
    uncured = ~(age >= since[key, -1])  # no cure on or after it; NaN where no cure is known
    trouble = certain.any(axis=1) & uncured
    insolvent = of_kind[:, INSOLVENCY] & uncured
    in_default = certain[:, DEFAULTS].any(axis=1) & uncured
    standing = _count(np.stack([trouble, insolvent, in_default], axis=1), key, len(keys))
    return np.hstack(
        [
            _count(counted, key, len(keys)).reshape(len(keys), -1),
            since / DAYS_A_MONTH,
            standing[:, :1],
            np.minimum(standing[:, 1:], 1),
        ]
    )


def known_events(facts: Facts, keys: Keys) -> NDArray[np.int64]:
    """How many uncontested events of each kind are known, whatever their age: (len(keys), KINDS).

    It can only grow with the as_of day, unless the ledger itself is corrected.
    """
    incidents = facts["incidents"]
    key, row = known_at(incidents, keys.buyer, keys.as_of)
    of_kind = incidents["kind"][row, None] == _codes(incidents)[:-1]
    certain = of_kind & ~(incidents["disputed"][row, None] > 0)
    return _count(certain, key, len(keys)).astype(np.int64)


def _codes(incidents: Rows) -> NDArray[np.int64]:
    """The code of each kind, then of a cure; ABSENT where no event has it."""
    codes = np.array([incidents.code("kind", kind) for kind in (*KINDS, "cure")])
    return np.where(codes < 0, ABSENT, codes)


def _count(which: NDArray[np.bool_], key: NDArray[np.int64], keys: int) -> NDArray[np.float64]:
    """How many events of each key are true in `which` (events, …): shape (keys, …)."""
    counts = np.zeros((keys, *which.shape[1:]))
    np.add.at(counts, key, which)
    return counts


def _age_of_last(
    which: NDArray[np.bool_], age: NDArray[np.int32], key: NDArray[np.int64], keys: int
) -> NDArray[np.float64]:
    """Days since the last event of each key true in `which` (events, kinds), NaN without any."""
    youngest = np.full((keys, which.shape[1]), np.inf)
    np.minimum.at(youngest, key, np.where(which, age[:, None], np.inf))
    return np.where(np.isinf(youngest), np.nan, youngest)
