"""Credit limit: the least of all amounts that could bind, rounded down, and why.

One compiled loop over columns serves one buyer in a request and a million in memory: each row
depends on itself alone, so both give the same bits. An amount that does not apply, or cannot be
known, is NaN and never binds.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numba import njit

from features.calendar import add_months
from features.parallel import over_slices
from models.limits.candidates import (
    END_RISK,
    FIRST_RISK,
    HARD_STOP,
    OVERLAY,
    RETURN_HURDLE,
    Buyer,
    Case,
    Standing,
    buyer_at,
    case_of,
    fill_candidates,
    least,
    need,
    return_hurdle,
    standing_of,
)
from models.limits.limit_inputs import Columns, Floats, Ints, LimitInputs
from models.limits.limit_reasons import CANDIDATES, SITUATIONS
from models.limits.rounding import rounded
from models.policy import Policy
from models.policy_numbers import Lists, Numbers

DECISIONS: Final = ("full", "partial", "refused", "referred")
WORTH_A_THREAD: Final = 20_000  # buyers
_FULL, _PARTIAL, _REFUSED, _REFERRED = range(4)
_BINDING_BIT: Final = len(SITUATIONS)
_BINS: Final = 256


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

    @classmethod
    def unfilled(cls, n: int) -> Self:
        """Room for the answers on `n` buyers."""
        amounts = dict.fromkeys(("exact", "limit", "loss_given_default"), np.float64)
        codes = dict.fromkeys(("binding", "grade", "decision", "reasons"), np.int64)
        days = dict.fromkeys(("valid_until", "review_on"), np.int64)
        columns: dict[str, Any] = {
            name: np.empty(n, kind) for name, kind in (amounts | codes | days).items()
        }
        return cls(candidates=np.empty((n, len(CANDIDATES))), **columns)


def limits(policy: Policy, inputs: LimitInputs, standing: Standing | None = None) -> Limits:
    """The limit of each buyer, with all candidates, decision and reasons; `standing`, where it is
    known already.

    `exact` and `limit` never rise with the default probability or the loss given default, and
    never fall with net worth, turnover, need or appetite.
    """
    n = len(inputs)
    found = Limits.unfilled(n)
    amounts = (found.exact, found.limit, found.candidates, found.loss_given_default)
    codes = (found.binding, found.grade, found.decision, found.reasons)
    days = (found.valid_until, found.review_on)
    standing = standing or standing_of(policy, inputs)
    read = (policy.lists, policy.numbers, inputs.numbers, standing)
    over_slices(
        lambda part: _fill(*read, amounts, codes, days, part.start, part.stop), n, WORTH_A_THREAD
    )
    return found


def limit_and_capacity(
    policy: Policy, inputs: LimitInputs, standing: Standing | None = None
) -> tuple[Floats, Floats]:
    """`limits(...).exact` and the capacity, for thousands of what-ifs of one buyer: columns of one
    row, but for the default probabilities. The capacity is the least of what we would risk on the
    buyer, whatever it needs and whatever else the portfolio bears."""
    exact, capacity = np.empty(len(inputs)), np.empty(len(inputs))
    buyer, standing = inputs.numbers, standing or standing_of(policy, inputs)
    _fill_what_ifs(policy.lists, policy.numbers, buyer, standing, exact, capacity)
    return exact, capacity


@njit(cache=True, nogil=True, error_model="numpy")
def _fill(
    lists: Lists,
    policy: Numbers,
    columns: Columns,
    standing: Standing,
    amounts: tuple[Floats, Floats, Floats, Floats],
    codes: tuple[Ints, Ints, Ints, Ints],
    days: tuple[Ints, Ints],
    first: int,
    end: int,
) -> None:
    exact, limit, candidates, lgd = amounts
    binding, grade, decision, reasons = codes
    valid_until, review_on = days
    for row in range(first, end):
        buyer, out = buyer_at(columns, standing, row), candidates[row]
        probability = buyer.default_probability
        case = case_of(lists, policy, buyer, probability)
        needed = rounded(lists, need(policy, buyer), True)
        hurdle = return_hurdle(policy, probability, case.loss_given_default)
        fill_candidates(policy, buyer, case, probability, needed, hurdle, out)
        grade[row], lgd[row] = case.grade, case.loss_given_default
        exact[row] = least(out, 0, len(out))
        held = exact[row] == buyer.held_limit
        limit[row] = exact[row] if held else rounded(lists, exact[row], False)
        binding[row] = _binding(out, exact[row])
        above = limit[row] > policy.discretionary_limit
        short = limit[row] < (1.0 if np.isnan(needed) else needed)  # need unknown: any will do
        decision[row] = _decision(buyer, case, above, short, limit[row] == 0)
        reasons[row] = _reasons(buyer, case, above, short, binding[row])
        valid_until[row] = add_months(buyer.as_of, policy.validity_months)
        review_on[row] = add_months(buyer.as_of, lists.review_months[case.grade])


@njit(cache=True, nogil=True, error_model="numpy")
def _fill_what_ifs(
    lists: Lists,
    policy: Numbers,
    columns: Columns,
    standing: Standing,
    exact: Floats,
    capacity: Floats,
) -> None:
    """Neither ever rises with the probability: what is the same at both ends of a bin of
    probabilities is the same in between, and few what-ifs need the whole engine."""
    n, probability, amounts = len(exact), columns.default_probability, np.empty(len(CANDIDATES))
    buyer = buyer_at(columns, standing, 0)
    needed = rounded(lists, need(policy, buyer), True)
    bins = np.empty(n, np.int64)
    low, high = np.full(_BINS + 2, np.inf), np.full(_BINS + 2, -np.inf)  # the ends of each bin
    for row in range(n):
        this = bins[row] = _bin_of(probability[row])
        low[this] = min(low[this], probability[row])
        high[this] = max(high[this], probability[row])
    flat, worths = np.zeros(_BINS + 2, np.bool_), np.full((_BINS + 2, 3), np.nan)
    for this in range(len(low)):
        if low[this] <= high[this]:
            above = _worth(lists, policy, buyer, low[this], needed, np.nan, amounts)
            below = _worth(lists, policy, buyer, high[this], needed, np.nan, amounts)
            flat[this] = above[0] == below[0] and above[1] == below[1]
            worths[this] = below
    for row in range(n):
        exact[row], capacity[row], hurdle = worths[bins[row]]
        if not flat[bins[row]]:
            exact[row], capacity[row], _ = _worth(
                lists, policy, buyer, probability[row], needed, hurdle, amounts
            )


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _worth(
    lists: Lists,
    policy: Numbers,
    buyer: Buyer,
    probability: float,
    needed: float,
    hurdle: float,
    amounts: Floats,
) -> tuple[float, float, float]:
    """Limit, capacity and return hurdle, were the buyer's default probability `probability`; the
    hurdle, which takes longest, is looked at anew only where it may bind, `hurdle` being the least
    it can be (NaN: unknown)."""
    case = case_of(lists, policy, buyer, probability)
    fill_candidates(policy, buyer, case, probability, needed, hurdle, amounts)
    if not amounts[RETURN_HURDLE] > least(amounts, FIRST_RISK, OVERLAY):
        hurdle = return_hurdle(policy, probability, case.loss_given_default)
        fill_candidates(policy, buyer, case, probability, needed, hurdle, amounts)
    return least(amounts, 0, len(amounts)), least(amounts, FIRST_RISK, END_RISK), hurdle


@njit(cache=True, nogil=True, forceinline=True)
def _bin_of(probability: float) -> int:
    """Finer bins where probabilities are small; one of its own for an unknown one."""
    return int(_BINS * np.sqrt(np.sqrt(probability))) if probability >= 0 else _BINS + 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _binding(candidates: Floats, exact: float) -> int:
    """Of equal candidates the first binds, but a hard stop before all."""
    if candidates[HARD_STOP] == 0:
        return HARD_STOP
    for column in range(len(candidates)):
        if candidates[column] == exact:
            return column
    return 0


@njit(cache=True, nogil=True, forceinline=True)
def _decision(buyer: Buyer, case: Case, above: bool, short: bool, nothing: bool) -> int:
    """Hard stops come before referrals, referrals before the rest."""
    if case.failed or buyer.refused or (short and nothing and not case.unscored):
        return _REFUSED
    if case.for_a_person or above:
        return _REFERRED
    return _PARTIAL if short else _FULL


@njit(cache=True, nogil=True, forceinline=True)
def _reasons(buyer: Buyer, case: Case, above: bool, short: bool, binding: int) -> int:
    """Bits in the order of SITUATIONS; what binds is a reason, too, where less is granted than
    needed and nothing else explains it."""
    mask = (
        (buyer.insolvency_open > 0) << 0
        | (buyer.in_default > 0) << 1
        | buyer.refused << 2
        | case.unscored << 3
        | case.cut_off << 4
        | buyer.referred << 5
        | above << 6
        | case.thin << 7
        | case.stale << 8
        | (buyer.overlay_factor < 1) << 9
    )
    if short and not (case.failed or buyer.refused or case.unscored or case.cut_off):
        mask |= 1 << (binding + _BINDING_BIT)
    return mask
