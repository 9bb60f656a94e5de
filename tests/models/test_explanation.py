"""Effects add up in every unit, and words say what the numbers say."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.feature import Feature
from models.explanation import say_value, sayer, shapley_effects, topic_sums

DBT = Feature("dbt", "payment_behaviour", "days", "", "", "", 1, "", "Days late", "Jours de retard")


def stepped_limit(log_odds: np.ndarray) -> np.ndarray:
    """A limit as the engine has it: falling, with a step at a grade bound."""
    return np.where(log_odds > -2.0, 0.0, np.minimum(100_000.0, 5_000 / np.exp(log_odds)))


def by_definition(base: float, contributions: list[float], worth) -> np.ndarray:
    """Shapley's own definition: the mean marginal effect over all orders of arrival."""
    orders = list(permutations(range(len(contributions))))
    effects = np.zeros(len(contributions))
    for order in orders:
        log_odds = base
        for player in order:
            before = worth(np.array([log_odds]))[0]
            log_odds += contributions[player]
            effects[player] += worth(np.array([log_odds]))[0] - before
    return effects / len(orders)


def test_effects_equal_shapleys_definition() -> None:
    contributions = [0.9, -0.4, 0.25, 0.0, 1.3]
    effects = shapley_effects(
        -4.0, contributions, -4.0 + sum(contributions), stepped_limit
    ).of_topic
    assert effects == pytest.approx(by_definition(-4.0, contributions, stepped_limit), abs=1e-6)
    assert effects[3] == 0


@given(
    base=st.floats(-8, 1),
    contributions=st.lists(st.floats(-3, 3), min_size=1, max_size=8),
)
def test_effects_add_up_to_the_whole_change(base: float, contributions: list[float]) -> None:
    total = base + sum(contributions)
    effects, start, end = shapley_effects(base, contributions, total, stepped_limit)
    assert (start, end) == (stepped_limit(np.array([base]))[0], stepped_limit(np.array([total]))[0])
    if any(contributions):
        assert start + effects.sum() == pytest.approx(end, abs=1e-6)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=5))
def test_several_figures_are_those_of_each_alone(contributions: list[float]) -> None:
    total = -4.0 + sum(contributions)

    def both(log_odds: np.ndarray) -> np.ndarray:
        return np.array([log_odds, stepped_limit(log_odds)])

    effects = shapley_effects(-4.0, contributions, total, both).of_topic
    alone = shapley_effects(-4.0, contributions, total, stepped_limit).of_topic
    assert effects[:, 1] == pytest.approx(alone, abs=1e-6)
    assert effects[:, 0] == pytest.approx(contributions, abs=1e-9)


def test_a_topic_that_raises_risk_never_raises_the_limit() -> None:
    effects = shapley_effects(-4.0, [0.7, -0.6], -3.9, stepped_limit).of_topic
    assert effects[0] <= 0 <= effects[1]


def test_topic_sums_keep_the_total() -> None:
    contributions = np.arange(6.0).reshape(2, 3)
    sums = topic_sums(("growth", "liquidity", "growth"), contributions)
    assert list(sums) == ["liquidity", "growth"]
    assert sum(sums.values()) == pytest.approx(contributions.sum(axis=1))


@pytest.mark.parametrize(
    ("unit", "value", "language", "text"),
    [
        ("days", 34.25, "en", "34.2 days"),
        ("days", 34.25, "fr", "34,2 jours"),
        ("share", 0.125, "fr", "12,5 %"),
        ("flag", 1.0, "en", "yes"),
        ("currency", 1_234_567.0, "en", "1 234 567"),
        ("ratio", -0.5, "en", "-0.50"),
        ("rate", 4.054, "en", "4.05 %"),
        ("log currency", float(np.log(75_000)), "en", "75 000"),
        ("log count", float(np.log1p(12)), "fr", "12"),
        ("days", float("nan"), "fr", "non connu"),
    ],
)
def test_values_are_said_with_their_unit(unit: str, value: float, language, text: str) -> None:
    feature = Feature("x", "growth", unit, "", "", "", 0, "", "X", "X")
    assert say_value(feature, value, language) == text


def test_direction_follows_the_contribution() -> None:
    assert sayer(DBT, "en")(3.0, 0.1).endswith("(raises the risk)")
    assert sayer(DBT, "fr")(3.0, -0.1).endswith("(réduit le risque)")
