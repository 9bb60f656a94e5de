from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.limits.allocation import BOUNDS, Pool, Problem, fit, problem_of, solve
from models.limits.limit import limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import CANDIDATES
from models.policy import Policy

POLICY = Policy.load()
NOBODY = np.full(3, -1)


def problem(rng: np.random.Generator, buyers: int, share: float, cap: float) -> Problem:
    """Buyers of all kinds in two groups and three countries, one of them outside any pool."""
    margin, loss = rng.uniform(-0.1, 1, buyers), rng.choice([0, 0.001, 0.01, 0.1], buyers)
    most = rng.choice([0, 1_000, 50_000, 2_000_000], buyers).astype(float)
    budget = share * float(loss @ most)
    pools = [
        Pool(rng.integers(-1, 2, buyers), np.ones(buyers), cap),
        Pool(rng.integers(0, 3, buyers), loss, 0.4 * budget),
    ]
    return Problem(margin, loss, most, budget, pools)


problems = st.builds(
    problem,
    st.integers(0, 2**32 - 1).map(np.random.default_rng),
    st.integers(1, 30),
    st.floats(0, 1.2),
    st.sampled_from([0.0, 30_000.0, 1e9]),
)


def assert_respects(given: Problem, limit: NDArray) -> None:
    assert (limit >= 0).all()
    assert (limit <= given.most + 1e-6).all()
    assert given.loss @ limit <= given.budget + 0.01
    for pool in given.pools:
        for code in range(pool.member.max(initial=-1) + 1):
            assert (pool.use * limit)[pool.member == code].sum() <= pool.cap + 0.01


@given(problems)
def test_a_solution_respects_every_bound(given: Problem) -> None:
    assert_respects(given, solve(given).limit)


@given(problems, st.floats(0, 3))
def test_no_limits_of_the_same_bounds_earn_more(given: Problem, scale: float) -> None:
    rules = fit(given, scale * given.most)
    assert_respects(given, rules)
    earned = given.margin @ solve(given).limit
    assert earned >= given.margin @ rules - 1e-6 * max(1.0, abs(earned))


@given(problems, st.floats(1, 3))
def test_a_larger_budget_never_earns_less(given: Problem, factor: float) -> None:
    more = replace(given, budget=given.budget * factor)
    earned = given.margin @ solve(given).limit
    assert given.margin @ solve(more).limit >= earned - 1e-6 * max(1.0, abs(earned))


@given(problems)
def test_without_pools_it_is_the_best_margin_for_its_loss_first(given: Problem) -> None:
    alone = replace(given, pools=())
    left, earned = alone.budget, 0.0
    worth = alone.margin / np.maximum(alone.loss, 1e-12)
    for i in np.argsort(-worth):
        if alone.margin[i] > 0:
            limit = min(alone.most[i], left / alone.loss[i]) if alone.loss[i] else alone.most[i]
            left, earned = left - alone.loss[i] * limit, earned + alone.margin[i] * limit
    assert alone.margin @ solve(alone).limit == pytest.approx(earned, rel=1e-6, abs=0.01)


def test_one_more_of_the_budget_earns_what_the_last_buyer_does() -> None:
    two = Problem(np.array([0.1, 0.1]), np.array([0.01, 0.04]), np.array([100.0, 100.0]), 2.0)
    assert solve(two).margin_of_budget == pytest.approx(0.1 / 0.04)
    assert solve(replace(two, budget=10.0)).margin_of_budget == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"margin": np.array([np.nan, 1.0])}, "margin is nan in row 0"),
        ({"most": np.array([1.0, np.inf])}, "most is inf in row 1"),
        ({"budget": -1.0}, "budget is -1.0; give an expected loss of 0 or more"),
    ],
)
def test_bad_numbers_are_named(change: dict, message: str) -> None:
    good = Problem(np.ones(2), np.ones(2), np.ones(2), 1.0)
    with pytest.raises(ValueError, match=message):
        replace(good, **change)


def traders() -> LimitInputs:
    """A good buyer short of net worth, one without known trade, one that is insolvent."""
    return LimitInputs(
        np.array([0.002, 0.002, 0.002]),
        np.array([20_000]),
        net_worth=np.array([10_000.0, 1e6, 1e6]),
        turnover=np.array([1e7]),
        accounts_age_months=np.array([6.0]),
        purchases=np.array([1_200_000.0, np.nan, 1_200_000.0]),
        terms_days=np.array([30.0]),
        delay_days=np.array([0.0]),
        insolvency_open=np.array([0.0, 0.0, 1.0]),
    )


def test_a_portfolio_is_bound_by_need_and_caps_and_not_by_shares_of_net_worth() -> None:
    inputs = traders()
    result = limits(POLICY, inputs)
    found = problem_of(POLICY, inputs, result, group=NOBODY, budget=1_000.0)
    need = result.candidates[0, CANDIDATES.index("need")]
    assert need == 130_000  # 1.2 M € × 30 days / 365 × 1.3, rounded up
    assert found.most.tolist() == [need, 0, 0]
    assert found.loss[0] == pytest.approx(0.002 * 0.60)
    sales_of_a_unit = 1_000_000 / need  # before VAT
    assert found.margin[0] == pytest.approx(0.10 * sales_of_a_unit - 0.02 - 0.0012)
    assert "net_worth_share" not in BOUNDS


def test_the_budget_is_by_default_what_the_rules_lose() -> None:
    inputs = traders()
    result = limits(POLICY, inputs)
    found = problem_of(POLICY, inputs, result, group=NOBODY)
    assert found.budget == pytest.approx(0.0012 * result.limit[0])


def test_no_name_takes_more_than_its_share_of_the_budget() -> None:
    inputs = traders()
    given = {"group": NOBODY, "budget": 100.0}
    found = problem_of(POLICY, inputs, limits(POLICY, inputs), name_share=0.1, **given)
    assert found.loss[0] * found.most[0] == pytest.approx(10.0)
    with pytest.raises(ValueError, match="country_share is 2; give a share"):
        problem_of(POLICY, inputs, limits(POLICY, inputs), country_share=2, **given)
