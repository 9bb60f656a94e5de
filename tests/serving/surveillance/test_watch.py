"""Hysteresis: a wobble across a bound fires once, a downgrade fires once, a relapse fires again."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy import Policy
from serving.surveillance.rules import RULES, Rules
from serving.surveillance.watch import Memory, Seen, names, remember, select, watch

SCALE, LOADED = Policy.load().master_scale, Rules.load()
MARGIN = LOADED.hysteresis
BOUND = SCALE.bounds[5]


def seen(**columns: object) -> Seen:
    """One buyer about whom nothing is odd, but for `columns`."""
    usual: dict[str, object] = {
        "grade": 4,
        "probability": 0.005,
        "limit": 10_000.0,
        "owed": 1_000.0,
        "limit_use": 0.1,
        "overdue": 0.0,
        "accounts_age": 8.0,
        "raise_progress": 0.5,
        "incidents": 0,
    }
    return Seen(**{name: np.atleast_1d(value) for name, value in {**usual, **columns}.items()})


def rules(**sections: dict[str, Any]) -> Rules:
    told = LOADED.model_dump()
    return Rules.model_validate({**told, **{k: {**told[k], **v} for k, v in sections.items()}})


# Only grades fire: no ratio is ever reached.
GRADES = rules(probability_ratio={"ratio": 1e9})


def of_probability(probability: float) -> Any:
    return seen(probability=probability, grade=int(SCALE.grades(probability)))


def fires(path: Iterable[Any], using: Rules = LOADED) -> list[list[str]]:
    """What fires at each step after the first, which is the baseline."""
    steps = list(path)
    memory = remember(using, steps[0], baseline=True)
    found = []
    for step in steps[1:]:
        memory, fired = watch(SCALE, using, memory, step)
        found.append(names(int(fired[0])))
    return found


wobble = st.lists(
    st.floats(BOUND / (1 + MARGIN) * 1.0001, BOUND * (1 + MARGIN)), min_size=1, max_size=30
)


@given(wobble)
def test_a_wobble_across_a_bound_of_grades_fires_at_most_once(path: list[float]) -> None:
    alerts = fires(map(of_probability, [BOUND * 0.999, *path]))
    assert sum("grade_drop" in step for step in alerts) == int(max(path) >= BOUND)


@given(st.lists(st.floats(1e-5, 0.9), min_size=2, max_size=20).map(sorted))
def test_each_downgrade_fires_exactly_once(path: list[float]) -> None:
    """Of a buyer that only gets worse: one alert each time the grade does."""
    alerts = fires(map(of_probability, path), GRADES)
    grades = SCALE.grades(path)
    assert [bool(step) for step in alerts] == (np.diff(grades) >= 1).tolist()


@given(st.lists(st.floats(1e-5, 0.9), min_size=1, max_size=10))
def test_the_same_again_fires_nothing(path: list[float]) -> None:
    twice = [step for value in path for step in (value, value)]
    assert not any(fires(map(of_probability, twice))[::2])


@given(st.integers(1, 4), st.lists(st.floats(1e-5, 0.9), min_size=2, max_size=20).map(sorted))
def test_a_slow_slide_is_seen_once_it_is_long_enough(notches: int, path: list[float]) -> None:
    slow = rules(grade_drop={"notches": notches}, probability_ratio={"ratio": 1e9})
    expected, reference = [], SCALE.grades(path[0])
    for grade in SCALE.grades(path[1:]):
        expected.append(grade - reference >= notches)
        reference = grade if expected[-1] else reference
    assert [bool(step) for step in fires(map(of_probability, path), slow)] == expected


def test_a_recovery_beyond_the_hysteresis_and_a_relapse_fire_again() -> None:
    well = BOUND / (1 + MARGIN) * 0.99
    alerts = fires(map(of_probability, [well, BOUND, well, BOUND]))
    assert [bool(step) for step in alerts] == [True, False, True]


@given(st.lists(st.floats(0.02, 0.02 * 2 * 0.99), min_size=1, max_size=20))
def test_a_probability_within_the_ratio_never_fires(path: list[float]) -> None:
    only = rules(grade_drop={"notches": 10})
    assert not any(fires(map(of_probability, [0.02, *path]), only))


def test_a_ratio_is_told_against_the_least_since_the_last_alert() -> None:
    only = rules(grade_drop={"notches": 10})
    path = [0.02, 0.041, 0.042, 0.06, 0.083, 0.05, 0.054]
    alerts = fires(map(of_probability, path), only)
    assert [bool(step) for step in alerts] == [True, False, False, True, False, False]


def test_a_small_probability_is_no_alert_whatever_its_ratio() -> None:
    only = rules(grade_drop={"notches": 10})
    assert fires(map(of_probability, [0.0001, 0.0009]), only) == [[]]


LEVELS = {
    "overdue": ("overdue", LOADED.overdue.amount),
    "limit_use": ("limit_use", LOADED.limit_use.share),
    "stale_accounts": ("accounts_age", float(LOADED.stale_accounts.months)),
}


@pytest.mark.parametrize("rule", LEVELS)
@given(shares=st.lists(st.floats(1 - MARGIN + 0.001, 2), min_size=1, max_size=30))
def test_a_wobble_across_a_level_fires_at_most_once(rule: str, shares: list[float]) -> None:
    column, bound = LEVELS[rule]
    path = [seen(owed=9e9, **{column: bound * share}) for share in (0.5, *shares)]
    assert sum(rule in step for step in fires(path)) == int(max(shares) >= 1)


@pytest.mark.parametrize("rule", LEVELS)
def test_a_level_left_for_good_is_armed_again(rule: str) -> None:
    column, bound = LEVELS[rule]
    path = [seen(owed=9e9, **{column: bound * share}) for share in (0.5, 1, 0.5, 1)]
    assert [step == [rule] for step in fires(path)] == [True, False, True]


def test_little_owed_is_no_alert_whatever_its_share() -> None:
    assert fires([seen(), seen(limit_use=np.inf, owed=10.0)]) == [[]]


def test_each_new_incident_fires() -> None:
    path = [seen(incidents=n) for n in (1, 1, 2, 2, 4)]
    assert [bool(step) for step in fires(path)] == [False, True, False, True]


def test_a_cut_is_told_against_the_limit_at_the_last_alert() -> None:
    path = [seen(limit=limit) for limit in (100.0, 90.0, 79.0, 75.0, 100.0, 80.0, 0.0, 0.0)]
    alerts = fires(path)
    assert [bool(step) for step in alerts] == [False, True, False, False, True, True, False]


def test_what_is_unknown_never_fires() -> None:
    nothing = seen(overdue=np.nan, limit_use=np.nan, accounts_age=np.nan, raise_progress=np.nan)
    assert fires([nothing, nothing]) == [[]]


def test_several_rules_make_one_mask_gravest_first() -> None:
    alerts = fires([seen(), seen(incidents=1, overdue=5_000.0, probability=0.09, grade=8)])
    assert alerts == [["incident", "overdue", "grade_drop", "probability_ratio"]]


def test_a_new_buyer_is_told_of_at_once_but_the_baseline_is_not() -> None:
    late = seen(overdue=5_000.0)
    assert fires([late, late]) == [[]]
    new = remember(LOADED, late, baseline=False)
    _, fired = watch(SCALE, LOADED, new, late)
    assert names(int(fired[0])) == ["overdue"]


def test_memory_is_kept_where_a_buyer_is_known() -> None:
    old, new = (Memory(*(np.array([value, value]) for _ in RULES[:6])) for value in (1, 2))
    chosen = select(np.array([True, False]), old, new)
    assert all(column.tolist() == [1, 2] for column in vars(chosen).values())
