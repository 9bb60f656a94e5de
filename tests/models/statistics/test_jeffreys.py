"""Golden values marked [77] are those of the domain notes, 3.9."""

import pytest

from models.statistics.jeffreys import jeffreys, jeffreys_interval


@pytest.mark.parametrize(
    ("rows", "defaults", "assigned", "p_value"),
    [
        (6, 2, 0.0367, 0.00438),  # [77]
        (1000, 25, 0.02, 0.1308),
        (1000, 30, 0.02, 0.0162),
        (1000, 15, 0.01, 0.0632),
        (200, 0, 0.005, 0.8435),
    ],
)
def test_jeffreys_golden_values(rows: int, defaults: int, assigned: float, p_value: float) -> None:
    test = jeffreys(rows, defaults, assigned)
    assert test.too_low == pytest.approx(p_value, abs=6e-5)
    assert test.too_high == pytest.approx(1 - p_value, abs=6e-5)


def test_jeffreys_takes_grades_at_once() -> None:
    test = jeffreys([1000, 1000], [25, 30], [0.02, 0.02])
    assert test.too_low == pytest.approx([0.1308, 0.0162], abs=6e-5)


def test_jeffreys_interval_holds_the_values_its_test_accepts() -> None:
    interval = jeffreys_interval(1000, 25)
    assert interval.value == 0.025
    assert jeffreys(1000, 25, interval.low).too_low == pytest.approx(0.025)
    assert jeffreys(1000, 25, interval.high).too_high == pytest.approx(0.025)
