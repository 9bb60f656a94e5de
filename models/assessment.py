"""From facts to a judgment: features, probability and limit, one buyer or a million.

    facts, keys -> feature matrix -> log-odds and drivers -> limits, beside what is in force

A limit in force is cut at once, and raised once the raise is confirmed (policy.hysteresis).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from features.build import feature_matrix
from features.catalog import column
from features.facts import Facts, Keys
from features.standing import Granted, GroupUse, granted, group_use
from models.credit_model import CreditModel
from models.limits.candidates import Standing, standing_of
from models.limits.cover import group_headroom, held_limit, is_enough
from models.limits.limit import Limits, limits
from models.limits.limit_inputs import LimitInputs

# Annotations of inner functions are evaluated at each call: by name they cost nothing.
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Days = NDArray[np.int32]
Texts = NDArray[np.str_]
Columns = TypeVar("Columns", LimitInputs, Limits, Granted, GroupUse)

FEW = 64  # keys for which a feature matrix is overhead, mostly
# Asked of `assess`, it sets every limit anew, whatever is in force.
ANEW: Final = {"held_limit": np.nan}


@dataclass(frozen=True)
class Assessment:
    """What was concluded for each key: matrix (n, catalogue), contributions (n, model features),
    beside the limits in force and what the other companies of its group use."""

    keys: Keys
    matrix: Floats
    base_log_odds: float
    contributions: Floats
    log_odds: Floats
    inputs: LimitInputs
    standing: Standing
    limits: Limits
    granted: Granted
    group: GroupUse

    @property
    def default_probability(self) -> Floats:
        """Twelve-month default probability, (n,)."""
        return self.inputs.default_probability

    def column(self, name: str) -> Floats:
        """One feature of the catalogue, (n,)."""
        return self.matrix[:, column(name)]


def assess(
    model: CreditModel,
    facts: Facts,
    keys: Keys,
    asked: Mapping[str, Any] | None = None,
    group: GroupUse | None = None,
) -> Assessment:
    """Score every key and set its limit. `asked` holds what the request says of LimitInputs'
    fields (requested_amount, terms_days, guarantee_amount, …), scalars or (n,); `group`, where the
    other companies of a group are not among the facts, what they use."""
    # For a few, a second day costs next to nothing beside the first: see `_held`.
    looked = _with_days_before(model, keys) if len(keys) <= FEW else keys
    return conclude(model, facts, keys, feature_matrix(facts, looked), asked, group)


def conclude(
    model: CreditModel,
    facts: Facts,
    keys: Keys,
    matrix: Floats,
    asked: Mapping[str, Any] | None = None,
    group: GroupUse | None = None,
) -> Assessment:
    """`assess` from a feature matrix already built, (n, catalogue), or (2 n, catalogue) where it
    holds the days, too, on which a raise must have been one already."""
    base, contributions = model.default_model.drivers(
        np.ascontiguousarray(matrix[:, model.columns])
    )
    log_odds = base + contributions.sum(axis=1)
    group = group_use(facts, keys) if group is None else group
    room = group_headroom(model.policy, group.used, group.group)
    asked = {"group_headroom": room, **(asked or {})}
    looked = keys if len(matrix) == len(keys) else _with_days_before(model, keys)
    twice = {
        n: value if np.size(value) == 1 else np.resize(value, len(looked))
        for n, value in asked.items()
    }
    inputs = limit_inputs(facts, looked, matrix, expit(log_odds), twice)
    standing = standing_of(model.policy, inputs)
    result = limits(model.policy, inputs, standing)
    now, before = slice(len(keys)), slice(len(keys), None)
    found = Assessment(
        keys, matrix[now], base, contributions[now], log_odds[now], rows_of(inputs, now),
        standing.rows(now), rows_of(result, now), granted(facts, keys), group,
    )  # fmt: skip
    if "held_limit" in asked or not len(raised := _raised(found)):
        return found
    able = None if looked is keys else _able(result)[before]
    held = np.full(len(keys), np.nan)
    held[raised] = _held(model, facts, found, raised, asked, able)
    inputs = found.inputs.changed(held_limit=held)
    return replace(found, inputs=inputs, limits=limits(model.policy, inputs, found.standing))


def _with_days_before(model: CreditModel, keys: Keys) -> Keys:
    """The keys, then each on the day on which a raise must have been one already."""
    window = np.int32(model.policy.hysteresis.confirmation_days)
    return Keys(
        np.concatenate([keys.buyer, keys.buyer]),
        np.concatenate([keys.as_of, keys.as_of - window]),
    )


def _raised(found: Assessment) -> Places:
    """The rows that would get more than what is in force."""
    return np.flatnonzero(found.limits.exact > found.granted.amount)


def _held(
    model: CreditModel,
    facts: Facts,
    found: Assessment,
    rows: Places,
    asked: Mapping[str, Any],
    able_before: Floats | None,
) -> Floats:
    """The limit in force of those `rows` whose raise has to wait, NaN for the others.

    A raise is confirmed when it would have been one some days ago, too: `able_before` is what could
    be granted then, where that is known. Whether it is large enough is judged on what we could
    grant, whatever is needed.
    """
    policy, keys = model.policy, found.keys
    current, able = found.granted.amount[rows], _able(found.limits)[rows]

    def anew(rows: Places, days: Days) -> Limits:
        mine = {n: value if np.size(value) == 1 else value[rows] for n, value in asked.items()}
        then = Keys(keys.buyer[rows], days)
        matrix = feature_matrix(facts, then)
        return conclude(model, facts, then, matrix, {**mine, **ANEW}).limits

    if able_before is None:
        window = np.int32(policy.hysteresis.confirmation_days)
        confirmed = _able(anew(rows, keys.as_of[rows] - window)) > current
    else:
        confirmed = able_before[rows] > current
    notches = np.zeros(len(rows), np.int64)
    if len(small := np.flatnonzero(confirmed & ~is_enough(policy, able, current, notches))):
        then = anew(rows[small], found.granted.since[rows[small]])
        notches[small] = then.grade - found.limits.grade[rows[small]]
    confirmed &= is_enough(policy, able, current, notches)
    return held_limit(found.limits.exact[rows], current, confirmed)


def _able(result: Limits) -> Floats:
    """What could be granted, whatever is needed: the least of the candidates but the need."""
    return np.fmin.reduce(result.candidates[:, 1:], axis=1)


def limit_inputs(
    facts: Facts,
    keys: Keys,
    matrix: Floats,
    default_probability: Floats,
    asked: Mapping[str, Any],
) -> LimitInputs:
    """What the limit engine reads of each key; what is asked replaces what is observed."""
    buyers = facts["buyers"]

    def text(name: str) -> Texts:
        return facts.once(_labels, name)[buyers[name][buyers.start[keys.buyer]]]

    observed = {
        "net_worth": matrix[:, column("net_worth")],
        "turnover": matrix[:, column("turnover")],
        "accounts_age_months": matrix[:, column("accounts_age_months")],
        "purchases": matrix[:, column("purchases_12m")],
        "terms_days": matrix[:, column("purchase_terms_days")],
        "delay_days": matrix[:, column("dbt_12m")],
        "insolvency_open": matrix[:, column("insolvency_open")],
        "in_default": matrix[:, column("in_default")],
        "country_grade": matrix[:, column("country_grade")],
        "country": text("country"),
        "sector": text("sector"),
        "entity_type": text("entity_type"),
    }
    known = {name: np.atleast_1d(np.asarray(value, float)) for name, value in asked.items()}
    return LimitInputs(default_probability, keys.as_of.astype(np.int64), **{**observed, **known})


def _labels(facts: Facts, name: str) -> Texts:
    """The labels of a column of buyers and, where code -1, unknown, finds it, an empty one."""
    return np.append(facts["buyers"].labels[name], "")


def row_of(columns: Columns, row: int) -> Columns:
    """One row of a record of columns, each of shape (n,) or (1,): the same record, of one row."""
    return rows_of(columns, slice(row, row + 1))


def rows_of(columns: Columns, rows: slice) -> Columns:
    """Some rows of a record of columns, each of shape (n,) or (1,)."""
    cut = {name: column[rows] for name, column in vars(columns).items() if len(column) != 1}
    if not cut:
        return columns
    part = object.__new__(type(columns))  # what was checked need not be checked again
    vars(part).update(vars(columns), **cut)
    return part
