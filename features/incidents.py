"""Legal and credit events: how many, how recent, contested or cured, as known by as_of_date.

An event contested by the buyer is counted apart and starts no default; the opening of insolvency
is a court's decision, and counts even when contested.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from features.arithmetic import Column, stack
from features.as_of import known_at
from features.facts import Facts, Keys
from features.feature import Feature

DAYS_A_MONTH = 365.25 / 12
WINDOWS = {12: 365, 24: 730, 36: 1095}  # months, days

# kind -> English, French
KINDS = {
    "overdue_declared": ("overdue declarations", "Déclarations d'impayé"),
    "claim": ("claims", "sinistres"),
    "protracted_default": ("protracted defaults", "carences de paiement"),
    "judgment": ("judgments", "jugements"),
    "insolvency_opened": ("insolvency openings", "ouvertures de procédure collective"),
}

_feature = partial(
    Feature,
    topic="incidents",
    source="incidents",
    known="events published by as_of_date, dated by event_date",
)


def _count(name: str, what: str, months: int, en: str, fr: str) -> Feature:
    return _feature(
        name=f"{name}_{months}m",
        unit="count",
        formula=f"{what} over {WINDOWS[months]} days",
        monotone=1,
        why="who failed to pay once is likelier to fail again",
        en=f"{en} over {months} months",
        fr=f"{fr} sur {months} mois",
    )


FEATURES = (
    *(
        _count(kind, f"uncontested events of kind {kind}", months, *words)
        for kind, words in KINDS.items()
        for months in WINDOWS
    ),
    *(
        _count("disputed_incidents", "contested events of any kind", months, *words)
        for words in (("contested events", "événements contestés"),)
        for months in WINDOWS
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


@dataclass(frozen=True)
class _Events:
    """Known events: which key each belongs to and its age in days on that key's as_of day."""

    keys: int
    key: NDArray[np.int64]
    age: NDArray[np.int32]

    def count(self, which: NDArray[np.bool_]) -> Column:
        return np.bincount(self.key[which], minlength=self.keys).astype(np.float64)

    def age_of_last(self, which: NDArray[np.bool_]) -> Column:
        age = np.full(self.keys, np.inf)
        np.minimum.at(age, self.key[which], self.age[which])
        return np.where(np.isinf(age), np.nan, age)


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """The incident features, shape (len(keys), len(FEATURES)); no known event counts as none."""
    incidents = facts["incidents"]
    key, row = known_at(incidents, keys.buyer, keys.as_of)
    age = keys.as_of[key] - incidents["event_date"][row]
    kind = incidents["kind"][row]
    contested = incidents["disputed"][row] > 0
    of_kind = {name: kind == incidents.code("kind", name) for name in (*KINDS, "cure")}
    certain = {name: of_kind[name] & ~contested for name in KINDS}
    trouble = np.any(list(certain.values()), axis=0)
    events = _Events(len(keys), key, age)

    cured = events.age_of_last(of_kind["cure"])
    uncured = ~(age >= cured[key])  # no cure on or after it: where none is known, cured is NaN
    default = certain["claim"] | certain["protracted_default"]
    columns = {
        **{
            f"{name}_{months}m": events.count(mask & (age < days))
            for name, mask in {**certain, "disputed_incidents": contested}.items()
            for months, days in WINDOWS.items()
        },
        **{
            f"months_since_{name}": events.age_of_last(mask) / DAYS_A_MONTH
            for name, mask in certain.items()
        },
        "months_since_cure": cured / DAYS_A_MONTH,
        "uncured_incidents": events.count(trouble & uncured),
        "insolvency_open": np.minimum(events.count(of_kind["insolvency_opened"] & uncured), 1),
        "in_default": np.minimum(events.count(default & uncured), 1),
    }
    return stack(columns, FEATURES)
