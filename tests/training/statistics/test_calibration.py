"""Golden values marked (calc) and [77] are those of the domain notes, 3.9."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit
from scipy.stats import kstest

from training.statistics.calibration import (
    binomial_p_value,
    brier_parts,
    brier_skill,
    calibration_error,
    calibration_line,
    holm,
    hosmer_lemeshow,
    logistic_line,
    spiegelhalter,
)


def drawn(rows: int, seed: int, slope: float = 1.0, shift: float = 0.0) -> tuple[NDArray, NDArray]:
    """Defaults, and probabilities whose true log-odds are slope × theirs + shift."""
    rng = np.random.default_rng(seed)
    log_odds = rng.normal(-2.5, 1.2, rows)
    return rng.random(rows) < expit(slope * log_odds + shift), expit(log_odds)


def test_the_line_is_the_maximum_likelihood_line() -> None:
    default, p = drawn(3000, 0, slope=0.7, shift=0.3)
    log_odds = np.log(p / (1 - p))
    fit = sm.GLM(default, sm.add_constant(log_odds), sm.families.Binomial()).fit(tol=1e-12)
    assert logistic_line(default, log_odds) == pytest.approx(fit.params[::-1], abs=1e-8)
    assert calibration_line(default, p) == pytest.approx(fit.params[::-1], abs=1e-8)


@given(st.floats(-20, 20), st.floats(0.05, 20))
def test_the_line_follows_a_change_of_units(shift: float, scale: float) -> None:
    default, p = drawn(500, 1)
    log_odds = np.log(p / (1 - p))
    slope, intercept = logistic_line(default, log_odds)
    moved = logistic_line(default, log_odds * scale + shift)
    assert moved.slope * scale == pytest.approx(slope, rel=1e-6)
    assert moved.intercept + moved.slope * shift == pytest.approx(intercept, abs=1e-6)


def test_outliers_do_not_throw_the_search_off() -> None:
    """Rare defaults among far scores, where a whole Newton step overshoots."""
    log_odds = np.r_[np.linspace(-9, -5, 5000), np.linspace(-4.5, 6, 30)]
    default = np.r_[np.zeros(5000), np.zeros(5), np.ones(25)]
    default[1666] = 1
    fit = sm.GLM(default, sm.add_constant(log_odds), sm.families.Binomial()).fit(tol=1e-12)
    assert logistic_line(default, log_odds) == pytest.approx(fit.params[::-1], abs=1e-6)


@pytest.mark.parametrize("default", [[0, 0, 0, 0], [0, 0, 1, 1]])
def test_no_line_through_one_class_or_separated_classes(default: list[int]) -> None:
    with pytest.raises(ValueError, match="no calibration line"):
        logistic_line(np.array(default), np.array([-2.0, -1.0, 1.0, 2.0]))


@pytest.mark.parametrize(
    ("defaults", "assigned", "p_value"),
    [(25, 0.02, 0.1545), (30, 0.02, 0.0207), (15, 0.01, 0.0824)],
)
def test_binomial_golden_values(defaults: int, assigned: float, p_value: float) -> None:
    assert binomial_p_value(1000, defaults, assigned) == pytest.approx(p_value, abs=6e-5)


def test_correlated_defaults_against_simulation() -> None:
    rng = np.random.default_rng(0)
    common = rng.normal(size=(4000, 1))
    assets = np.sqrt(0.12) * common + np.sqrt(0.88) * rng.normal(size=(4000, 200))
    defaults = (assets < -2.0537489).sum(axis=1)  # 2 %
    expected = (defaults >= 10).mean()
    assert binomial_p_value(200, 10, 0.02, 0.12) == pytest.approx(expected, abs=0.012)


def test_hosmer_lemeshow_by_hand() -> None:
    p = np.repeat([0.1, 0.4], 10)
    default = np.r_[np.ones(2), np.zeros(8), np.ones(4), np.zeros(6)]
    test = hosmer_lemeshow(default, p, groups=2)
    assert test.statistic == pytest.approx((2 - 1) ** 2 / (1 * 0.9))
    assert test.p_value == pytest.approx(np.exp(-test.statistic / 2))  # chi-squared, 2 degrees


@pytest.mark.parametrize("test", [spiegelhalter, hosmer_lemeshow])
def test_p_values_are_uniform_when_the_model_is_right_and_small_when_it_is_not(test) -> None:
    right = [test(*drawn(2000, seed)).p_value for seed in range(150)]
    assert kstest(right, "uniform").pvalue > 0.01
    assert test(*drawn(2000, 0, shift=0.5)).p_value < 0.001


def test_brier_parts_add_up_to_the_brier_score_of_binned_probabilities() -> None:
    default, p = drawn(4000, 2, slope=0.5)
    binned = np.repeat([0.02, 0.05, 0.2, 0.6], 1000)
    parts = brier_parts(default, binned, bins=4)
    brier = np.mean((default - binned) ** 2)
    assert parts.reliability - parts.resolution + parts.uncertainty == pytest.approx(brier)
    assert brier_skill(default, np.full(4000, default.mean())) == pytest.approx(0)
    assert brier_skill(default, default.astype(float)) == 1
    assert 0 < brier_skill(*drawn(4000, 3)) < 1
    assert brier_parts(default, p).uncertainty == pytest.approx(np.var(default))


def test_calibration_error_by_hand() -> None:
    p = np.repeat([0.1, 0.4], 10)
    default = np.r_[np.ones(2), np.zeros(8), np.ones(4), np.zeros(6)]
    assert calibration_error(default, p, bins=2) == pytest.approx(0.5 * 0.1)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
