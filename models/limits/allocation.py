"""Allocation: the limits that earn the most for a total expected loss, as a linear programme.

    maximise   Σ margin × limit
    subject to Σ loss × limit ≤ budget            expected loss of the whole portfolio
               Σ use × limit  ≤ cap               of each country, each group (`Pool`)
               0 ≤ limit ≤ most                   need and the policy's caps

All but a few limits are at one of their bounds: a basic solution has no more amounts in between
than it has constraints (Dantzig 1963), so the rounding that follows costs next to nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from models.limits.candidates import within_scale
from models.limits.limit import Limits
from models.limits.limit_inputs import Flags, Floats, Ints, LimitInputs
from models.limits.limit_reasons import CANDIDATES
from models.limits.rounding import round_down
from models.policy import Policy

# What bounds a buyer whatever its probability of default; the shares of net worth and turnover,
# the loss budget of one buyer and the return hurdle give way to the programme.
BOUNDS = (
    "need",
    "grade_cap",
    "thin_file_cap",
    "stale_accounts_cap",
    "overlay",
    "single_name_cap",
    "group_cap",
    "country_cap",
    "sector_cap",
    "hard_stop",
)


@dataclass(frozen=True)
class Pool:
    """Buyers that share a cap: `member` codes from 0, -1 for none, and what a unit of each limit
    uses of its pool's cap, both (n,)."""

    member: Ints
    use: Floats
    cap: float


@dataclass(frozen=True)
class Problem:
    """What a unit of each limit earns and loses in a year, the most each limit may be, (n,), and
    the budget of expected loss."""

    margin: Floats
    loss: Floats
    most: Floats
    budget: float
    pools: Sequence[Pool] = ()

    def __post_init__(self) -> None:
        for name in ("margin", "loss", "most"):
            if not np.isfinite(column := getattr(self, name)).all():
                row = int((~np.isfinite(column)).argmax())
                raise ValueError(f"{name} is {column[row]} in row {row}; give a finite amount")
        if not self.budget >= 0:
            raise ValueError(f"budget is {self.budget}; give an expected loss of 0 or more")


@dataclass(frozen=True)
class Solution:
    """The limits (n,), before rounding, and what one more unit of budget would earn."""

    limit: Floats
    margin_of_budget: float


def solve(problem: Problem) -> Solution:
    """The limits that earn the most; HiGHS's dual simplex, hence a basic solution.

    >>> problem = Problem(np.array([0.1, 0.1]), np.array([0.01, 0.04]), np.array([100.0, 100.0]), 2)
    >>> solve(problem).limit.tolist()
    [100.0, 25.0]
    """
    most = problem.most
    rows = [csr_array((problem.loss * most)[None, :])]
    caps = [np.array([problem.budget])]
    for pool in problem.pools:
        row, cap = _constraints(pool, most)
        rows.append(row)
        caps.append(cap)
    # Shares of `most`, not amounts: numbers near 1 keep the solver's tolerances meaningful.
    found = linprog(
        -problem.margin * most,
        A_ub=vstack(rows),
        b_ub=np.concatenate(caps),
        bounds=(0, 1),
        method="highs-ds",
    )
    if not found.success:
        raise ValueError(f"no allocation: {found.message}")
    return Solution(np.clip(found.x, 0, 1) * most, -float(found.ineqlin.marginals[0]))


def fit(problem: Problem, limit: Floats) -> Floats:
    """`limit` made to respect the problem: cut to the bounds, then to each pool's cap and to the
    budget in equal proportion. The yardstick of a solution, which is never worse."""
    limit = np.minimum(limit, problem.most)
    for pool in problem.pools:
        members = pool.member >= 0
        used = np.bincount(pool.member[members], (pool.use * limit)[members])
        share = pool.cap / np.maximum(used, pool.cap or 1.0)
        limit = limit * np.where(members, np.append(share, 1.0)[pool.member], 1.0)
    lost = float(problem.loss @ limit)
    return limit * (problem.budget / max(lost, problem.budget)) if lost else limit


def problem_of(
    policy: Policy,
    inputs: LimitInputs,
    limits: Limits,
    *,
    group: Ints,
    budget: float | None = None,
    name_share: float = 1.0,
    country_share: float = 1.0,
) -> Problem:
    """The programme of a portfolio under a policy.

    A limit below the need lets through its share of the sales; these earn the policy's margin, less
    the cost of funds and the expected loss. Where no trade is known a limit earns nothing, and none
    is allocated. No buyer takes more than `name_share` of the budget and no country more than
    `country_share`; `group` codes, -1 for none, share the policy's group cap. Without a `budget`,
    the rule-based limits' own expected loss.
    """
    for name, share in (("name_share", name_share), ("country_share", country_share)):
        if not 0 < share <= 1:
            raise ValueError(f"{name} is {share}; give a share of the budget above 0, up to 1")
    traded, sales = _sales_by_unit(policy, inputs, limits)
    probability = within_scale(policy, inputs.default_probability)
    loss = np.where(traded, probability * limits.loss_given_default, 0.0)
    margin = policy.sales_margin * sales - policy.return_on_capital.cost - loss
    columns = [CANDIDATES.index(name) for name in BOUNDS]
    bound = round_down(policy, np.fmin.reduce(limits.candidates[:, columns], axis=1))
    bound = np.where(traded, bound, 0.0)
    if budget is None:
        budget = float(loss @ np.minimum(limits.limit, bound))
    country = np.unique(np.broadcast_to(inputs.country, len(limits)), return_inverse=True)[1]
    most = np.minimum(bound, name_share * budget / np.where(loss > 0, loss, 1.0))
    pools = [Pool(group, np.ones(len(limits)), policy.caps.group)]
    if country_share < 1:
        pools.append(Pool(country, loss, country_share * budget))
    return Problem(np.where(traded, margin, 0.0), loss, most, budget, pools)


def _sales_by_unit(policy: Policy, inputs: LimitInputs, limits: Limits) -> tuple[Flags, Floats]:
    """Where trade is known, and the yearly sales before VAT that a unit of limit lets through."""
    need = limits.candidates[:, CANDIDATES.index("need")]
    scored = ~np.isnan(inputs.default_probability)
    traded = (need > 0) & (inputs.purchases > 0) & scored
    sales = inputs.purchases / (1.0 + policy.cover.vat_rate)
    return traded, np.where(traded, sales / np.where(traded, need, 1.0), 0.0)


def _constraints(pool: Pool, most: Floats) -> tuple[csr_array, NDArray[np.float64]]:
    """One row a pool that could exceed its cap; the others never bind."""
    members = np.flatnonzero(pool.member >= 0)
    use = (pool.use * most)[members]
    tight = np.bincount(pool.member[members], use) > pool.cap
    number = np.cumsum(tight) - 1
    kept = tight[pool.member[members]]
    row = number[pool.member[members[kept]]]
    matrix = csr_array((use[kept], (row, members[kept])), shape=(int(tight.sum()), len(most)))
    return matrix, np.full(int(tight.sum()), pool.cap)
