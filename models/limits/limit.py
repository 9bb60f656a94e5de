"""Credit limit: the least of all amounts that could bind, rounded down, and why.

One function over columns serves one buyer in a request and a million in memory: each row depends
on itself alone, through elementwise operations only, so both give the same bits. An amount that
does not apply, or cannot be known, is NaN and never binds.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.limits.candidates import BUYER_RISK, HARD_STOP, Case, candidates, case_of, is_entity
from models.limits.limit_inputs import Flags, Floats, Ints, LimitInputs
from models.limits.rounding import round_down
from models.policy import Policy

DECISIONS: Final = ("full", "partial", "refused", "referred")
_FULL, _PARTIAL, _REFUSED, _REFERRED = range(4)


@dataclass(frozen=True)
class Limits:
    """Answers, one row a buyer, in the policy's currency.

    `candidates` (n, len(CANDIDATES)) holds every amount, `exact` the least of them, `binding` its
    column, `limit` the same rounded down on the policy's grid (one in force is kept as it is).
    `decision` indexes DECISIONS, `reasons` is a mask over REASONS, dates are days since 1970-01-01.
    """

    exact: Floats
    limit: Floats
    candidates: Floats
    binding: Ints
    grade: Ints
    loss_given_default: Floats
    decision: Ints
    reasons: Ints
    valid_until: Ints
    review_on: Ints

    def __len__(self) -> int:
        return len(self.limit)


def limits(policy: Policy, inputs: LimitInputs) -> Limits:
    """The limit of each buyer, with all candidates, decision and reasons.

    `exact` and `limit` never rise with the default probability or the loss given default, and
    never fall with net worth, turnover, need or appetite.
    """
    case = case_of(policy, inputs)
    rows = candidates(policy, inputs, case)
    exact = np.fmin.reduce(rows)
    limit = np.where(exact == inputs.held_limit, exact, round_down(policy, exact))
    # Of equal candidates the first binds, but a hard stop before all.
    binding = np.where(rows[HARD_STOP] == 0, HARD_STOP, (rows == exact).argmax(axis=0))
    decision, reasons = _decide(policy, inputs, case, limit, needed=rows[0], binding=binding)
    valid_until = add_months(inputs.as_of, np.array([policy.validity_months]))
    review_on = add_months(inputs.as_of, policy.tables.review_months[case.grade])
    n = len(limit)
    return Limits(
        exact=exact,
        limit=limit,
        candidates=rows.T,
        binding=binding,
        grade=_each(case.grade, n),
        loss_given_default=_each(case.loss_given_default, n),
        decision=decision,
        reasons=reasons,
        valid_until=_each(valid_until, n),
        review_on=_each(review_on, n),
    )


def limit_and_capacity(policy: Policy, inputs: LimitInputs) -> tuple[Floats, Floats]:
    """`limits(...).exact` and the capacity, for callers that ask for thousands of what-ifs of one
    buyer. The capacity is the least of what we would risk on the buyer, whatever it needs and
    whatever else the portfolio bears."""
    rows = candidates(policy, inputs, case_of(policy, inputs))
    return np.fmin.reduce(rows), np.fmin.reduce(rows[BUYER_RISK])


def _decide(
    policy: Policy, inputs: LimitInputs, case: Case, limit: Floats, *, needed: Floats, binding: Ints
) -> tuple[Ints, Ints]:
    """Decision and mask of reasons; hard stops come before referrals, referrals before the rest."""
    referred_entity = is_entity(inputs, policy.referred_entities)
    above = limit > policy.discretionary_limit
    referred = case.unscored | referred_entity | above
    if policy.thin_file.refer:
        referred = referred | case.thin
    if policy.stale_accounts.refer:
        referred = referred | case.stale
    asked = np.where(np.isnan(needed), 1.0, needed)  # need unknown: any limit at all will do
    short = limit < asked
    stopped = case.failed | case.refused_entity
    decision = np.where(short, _PARTIAL, _FULL)
    decision = np.where(referred, _REFERRED, decision)
    decision = np.where(stopped | (short & (limit == 0) & ~case.unscored), _REFUSED, decision)
    cut_off = (case.grade >= policy.cut_off_grade) & ~case.failed
    situations = (
        inputs.insolvency_open > 0,
        inputs.in_default > 0,
        case.refused_entity,
        case.unscored,
        cut_off,
        referred_entity,
        above,
        case.thin,
        case.stale,
        case.overlay_factor < 1,
    )
    explained = stopped | case.unscored | cut_off
    return decision, _mask(situations, binding, short & ~explained)


def _mask(situations: tuple[Flags, ...], binding: Ints, short: Flags) -> Ints:
    """Bits over REASONS; the binding candidate is a reason where less is granted than needed."""
    mask = np.where(short, np.int64(1) << (binding + len(situations)), 0)
    for bit, flag in enumerate(situations):
        mask += flag * (1 << bit)
    return mask


def _each(column: NDArray, rows: int) -> NDArray:
    """A column that all rows share, once for each."""
    return column if len(column) == rows else np.repeat(column, rows)


def add_months(day: Ints, months: Ints) -> Ints:
    """The same day `months` later, or the last of a shorter month; days since 1970-01-01.

    >>> add_months(np.array([30]), np.array([1])) - 31  # 31 January 1970 and a month
    array([27])
    """
    date = day.astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    target = month + months
    first = target.astype("datetime64[D]")
    last = (target + 1).astype("datetime64[D]") - 1
    return np.minimum(first + (date - month.astype("datetime64[D]")), last).astype(np.int64)
