from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.limits.cover import InForce, apply_hysteresis, group_headroom, top_up
from models.limits.limit import limits
from models.limits.limit_inputs import LimitInputs
from models.policy import Policy

POLICY = Policy.load()
amounts = st.floats(0, 1e7)
limits_in_force = st.one_of(st.just(np.nan), amounts)


def in_force(
    new: float,
    current: float,
    confirmed: bool,
    notches: int = 0,
    outstanding: float = 0.0,
    covered: float | None = None,
) -> InForce:
    return apply_hysteresis(
        POLICY,
        np.array([new]),
        np.array([current]),
        np.array([confirmed]),
        notches=np.array([notches]),
        outstanding=np.array([outstanding]),
        covered=None if covered is None else np.array([covered]),
    )


@pytest.mark.parametrize(
    ("new", "current", "confirmed", "notches", "expected"),
    [
        (90.0, 100.0, False, 0, 90.0),  # a cut needs nobody's leave
        (0.0, 100.0, False, 3, 0.0),
        (150.0, 100.0, False, 2, 100.0),  # a raise waits for confirmation
        (150.0, 100.0, True, 0, 150.0),
        (114.0, 100.0, True, 0, 100.0),  # too little to be worth a change
        (115.0, 100.0, True, 0, 115.0),
        (105.0, 100.0, True, 1, 105.0),  # one notch better is enough
        (150.0, np.nan, False, 0, 150.0),  # nothing in force yet
        (50.0, 0.0, True, 0, 50.0),
    ],
)
def test_cut_at_once_raise_with_confirmation(
    new: float, current: float, confirmed: bool, notches: int, expected: float
) -> None:
    assert in_force(new, current, confirmed, notches).limit[0] == expected


@given(amounts, limits_in_force, amounts)
def test_a_cut_never_touches_deliveries_already_made(
    new: float, current: float, outstanding: float
) -> None:
    result = in_force(new, current, confirmed=False, outstanding=outstanding)
    delivered_within = min(outstanding, 0.0 if np.isnan(current) else current)
    assert result.covered_outstanding[0] >= delivered_within
    assert result.covered_outstanding[0] <= outstanding
    assert result.headroom[0] == max(result.limit[0] - outstanding, 0)


@given(amounts, limits_in_force, st.booleans(), st.integers(-3, 3), amounts)
def test_asking_twice_changes_nothing(
    new: float, current: float, confirmed: bool, notches: int, outstanding: float
) -> None:
    once = in_force(new, current, confirmed, notches, outstanding)
    twice = in_force(
        new, once.limit[0], confirmed, notches, outstanding, once.covered_outstanding[0]
    )
    assert twice.limit[0] == once.limit[0]
    assert twice.covered_outstanding[0] == once.covered_outstanding[0]


def test_cover_of_old_deliveries_runs_off_as_they_are_paid() -> None:
    cut = in_force(new=20.0, current=100.0, confirmed=False, outstanding=80.0)
    assert (cut.limit[0], cut.covered_outstanding[0], cut.headroom[0]) == (20, 80, 0)
    paid = in_force(20.0, 20.0, False, outstanding=50.0, covered=cut.covered_outstanding[0])
    assert paid.covered_outstanding[0] == 50
    rebought = in_force(20.0, 20.0, False, outstanding=70.0, covered=paid.covered_outstanding[0])
    assert rebought.covered_outstanding[0] == 50


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


groups = st.lists(st.tuples(amounts, amounts, st.integers(-1, 3)), min_size=1, max_size=30)


@given(groups)
def test_the_companies_of_a_group_never_get_more_than_its_cap(
    rows: list[tuple[float, float, int]],
) -> None:
    wanted, outstanding, group = (np.array(column) for column in zip(*rows, strict=True))
    room = group_headroom(POLICY, wanted, outstanding, group)
    assert np.isnan(room[group < 0]).all()
    granted = np.minimum(room, wanted)
    for parent in set(group[group >= 0].tolist()):
        members = group == parent
        assert granted[members].sum() <= POLICY.caps.group * (1 + 1e-12)
        if wanted[members].sum() <= POLICY.caps.group:
            np.testing.assert_array_less(wanted[members], room[members] + 1e-6)


@given(groups, st.randoms(use_true_random=False))
def test_shares_do_not_depend_on_the_order_of_rows(
    rows: list[tuple[float, float, int]], random: Any
) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    straight = group_headroom(POLICY, *(np.array(c) for c in zip(*rows, strict=True)))
    shuffled = group_headroom(
        POLICY, *(np.array(c) for c in zip(*(rows[i] for i in order), strict=True))
    )
    np.testing.assert_allclose(shuffled, straight[order], rtol=1e-9, atol=1e-6)


def test_what_is_used_comes_first_then_shares_in_proportion() -> None:
    policy = POLICY.revise({"caps.group": 100.0})
    room = group_headroom(
        policy,
        wanted=np.array([80.0, 60.0, 40.0]),
        outstanding=np.array([40.0, 0.0, 0.0]),
        group=np.array([0, 0, 0]),
    )
    # 60 are left for wishes of 40, 60 and 40.
    np.testing.assert_allclose(room, [40 + 60 * 40 / 140, 60 * 60 / 140, 60 * 40 / 140])
