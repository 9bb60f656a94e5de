from math import nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.limits.cover import (
    covered_outstanding,
    group_headroom,
    held_limit,
    is_enough,
    top_up,
)
from models.limits.limit import limits
from models.limits.limit_inputs import LimitInputs
from models.policy import Policy

POLICY = Policy.load()
amounts = st.floats(0, 1e7)
limits_in_force = st.one_of(st.just(np.nan), amounts)


@pytest.mark.parametrize(
    ("able", "notches", "enough"),
    [(114.0, 0, False), (115.0, 0, True), (101.0, 1, True), (101.0, -1, False)],
)
def test_a_raise_is_worth_it_by_enough_or_after_a_notch(
    able: float, notches: int, enough: bool
) -> None:
    found = is_enough(POLICY, np.array([able]), np.array([100.0]), np.array([notches]))
    assert found[0] == enough


def held(new: float, current: float, confirmed: bool) -> float:
    return float(held_limit(np.array([new]), np.array([current]), np.array([confirmed]))[0])


@pytest.mark.parametrize(
    ("new", "current", "confirmed", "expected"),
    [
        (90.0, 100.0, False, nan),  # a cut needs nobody's leave
        (0.0, 100.0, False, nan),
        (150.0, 100.0, False, 100.0),  # a raise waits for confirmation
        (150.0, 100.0, True, nan),
        (150.0, nan, False, nan),  # nothing in force yet
        (100.0, 100.0, False, nan),
    ],
)
def test_cut_at_once_raise_with_confirmation(
    new: float, current: float, confirmed: bool, expected: float
) -> None:
    assert held(new, current, confirmed) == pytest.approx(expected, nan_ok=True)


@given(amounts, limits_in_force, st.booleans())
def test_held_twice_is_held_once(new: float, current: float, confirmed: bool) -> None:
    once = np.fmin(new, held(new, current, confirmed))
    assert np.fmin(once, held(once, once, confirmed)) == once


@given(amounts, limits_in_force, amounts)
def test_a_cut_never_touches_deliveries_already_made(
    new: float, current: float, outstanding: float
) -> None:
    covered = float(
        covered_outstanding(np.array([new]), np.array([current]), np.array([outstanding]))[0]
    )
    delivered_within = min(outstanding, 0.0 if np.isnan(current) else current)
    assert delivered_within <= covered <= outstanding


def test_cover_of_old_deliveries_runs_off_as_they_are_paid() -> None:
    def covered(limit: float, current: float, owed: float) -> float:
        return float(covered_outstanding(*(np.array([a]) for a in (limit, current, owed)))[0])

    assert covered(20.0, 100.0, 80.0) == 80
    assert covered(20.0, 100.0, 50.0) == 50
    assert covered(20.0, 100.0, 130.0) == 100
    assert covered(20.0, 100.0, nan) == 0  # nothing known to be owed


def sound_buyer(**facts: Any) -> LimitInputs:
    sound = {"net_worth": 4e5, "turnover": 1e8, "accounts_age_months": 6.0, "country_grade": 1.0}
    columns = {name: np.array([value]) for name, value in {**sound, **facts}.items()}
    return LimitInputs(np.array([0.01]), np.array([20_000]), **columns)


def topped(amount: float, day: int, ends: int = 20_059, **facts: Any) -> float:
    found = limits(POLICY, sound_buyer(**facts))
    starts = np.array([20_000])
    return float(
        top_up(POLICY, found, np.array([amount]), starts, np.array([ends]), np.array([day]))[0]
    )


def test_a_top_up_lives_on_its_days() -> None:
    assert limits(POLICY, sound_buyer()).limit[0] == 100_000
    assert [topped(20_000, day) for day in (19_999, 20_000, 20_059, 20_060)] == [0, 2e4, 2e4, 0]


def test_a_top_up_is_bounded_in_days_share_and_by_the_portfolio() -> None:
    assert [topped(1_000, day, ends=30_000) for day in (20_089, 20_090)] == [1_000, 0]
    assert topped(60_000, 20_000) == 25_000
    assert topped(20_000, 20_000, group_headroom=110_000.0) == 10_000
    assert topped(20_000, 20_000, group_headroom=50_000.0) == 0
    assert topped(20_000, 20_000, insolvency_open=1.0) == 0


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=8), st.randoms())
def test_companies_of_a_group_granted_in_turn_never_use_more_than_its_cap(
    companies: list[tuple[float, float]], random: Any
) -> None:
    policy = POLICY.revise({"caps.group": 1e7})
    used = np.array([in_use for in_use, _ in companies])
    before = used.sum()
    order = list(range(len(companies)))
    random.shuffle(order)
    for turn in order:
        others = used.sum() - used[turn]
        room = group_headroom(policy, np.array([others]), np.array([0]))[0]
        used[turn] = min(companies[turn][1], max(room, 0.0))
    assert used.sum() <= max(before, policy.caps.group) * (1 + 1e-9)


def test_outside_a_group_there_is_no_group_cap() -> None:
    room = group_headroom(POLICY, np.array([0.0, 9e6, 1e6]), np.array([-1, 0, 0]))
    np.testing.assert_array_equal(room, [nan, -1e6, 7e6])
