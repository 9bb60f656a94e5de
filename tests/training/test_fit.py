from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, logit

from features.feature import Feature
from training.config import FitSettings
from training.fit import (
    calibrate,
    fit_booster,
    level_shift,
    parameters,
    prior_shift,
)

QUICK = FitSettings(max_trees=40, folds=0, min_data_in_leaf=20, feature_fraction=1.0)


def feature(name: str, monotone: int) -> Feature:
    return Feature(name, "profile", "", "", "", "", monotone, "", name, name)  # type: ignore[arg-type]


FEATURES = (feature("up", 1), feature("down", -1), feature("free", 0))


def drawn(rows: int = 3000, seed: int = 0) -> tuple[NDArray, NDArray, NDArray]:
    """Features, defaults (some 10 %) and places. "up" truly falls where it is above 1."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(rows, 3))
    signal = np.minimum(matrix[:, 0], 2 - matrix[:, 0]) - matrix[:, 1] + np.sin(3 * matrix[:, 2])
    return matrix, rng.random(rows) < expit(signal - 3), rng.random(rows)


def grown(settings: FitSettings = QUICK, rows: int = 3000):
    return fit_booster(*drawn(rows), features=FEATURES, settings=settings)


def test_equal_input_gives_equal_bytes() -> None:
    first, second = (grown().booster.model_to_string() for _ in range(2))
    assert first == second
    assert grown(replace(QUICK, seed=8)).booster.model_to_string() != first


@pytest.mark.parametrize(("column", "sign"), [(0, 1), (1, -1)])
def test_a_signed_feature_moves_the_risk_one_way_only(column: int, sign: int) -> None:
    booster = grown().booster
    rows = np.repeat(drawn(50)[0], 60, axis=0)
    rows[:, column] = np.tile(np.linspace(-4, 4, 60), 50)
    path = booster.predict(rows, raw_score=True).reshape(50, 60)
    assert (sign * np.diff(path, axis=1) >= 0).all()
    assert (sign * np.diff(path, axis=1) > 0).any()


def test_without_constraints_the_model_follows_the_data() -> None:
    booster = grown(replace(QUICK, monotone=False)).booster
    up = np.zeros((2, 3))
    up[:, 0] = 1.0, 2.5
    assert np.diff(booster.predict(up, raw_score=True)) < 0


def test_early_stopping_keeps_the_trees_that_help_unseen_buyers() -> None:
    settings = replace(QUICK, folds=3, max_trees=400, early_stopping_rounds=10, learning_rate=0.2)
    assert 1 <= grown(settings, rows=800).booster.num_trees() < 100


def test_folds_keep_buyers_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buyers whose rows are copies of one another: on both sides, they would look predictable."""
    rng = np.random.default_rng(1)
    buyers = 200
    matrix = np.repeat(rng.normal(size=(buyers, 3)), 10, axis=0)
    default = np.repeat(rng.random(buyers) < 0.3, 10)
    place = np.repeat(rng.random(buyers), 10)
    settings = replace(QUICK, folds=4, max_trees=200, monotone=False)
    noise = fit_booster(matrix, default, place, features=FEATURES, settings=settings)
    leaky = fit_booster(
        matrix, default, rng.permutation(place), features=FEATURES, settings=settings
    )
    assert noise.booster.num_trees() < 20 < leaky.booster.num_trees()


def test_a_subsampled_majority_gives_the_same_probabilities_after_its_shift() -> None:
    matrix, default, _ = drawn(20_000)
    learned = grown(replace(QUICK, majority_share=0.25), rows=20_000)
    raw = learned.booster.predict(matrix, raw_score=True)
    assert expit(raw).mean() > 2 * default.mean()
    assert expit(raw + learned.prior_shift).mean() == pytest.approx(default.mean(), rel=0.05)


@pytest.mark.parametrize(("model", "true"), [(0.10, 0.0200), (0.30, 0.0730)])
def test_prior_correction_golden_values(model: float, true: float) -> None:
    """Domain notes 3.5: population 2 %, sample 10 %."""
    assert expit(logit(model) + prior_shift(0.02, 0.10)) == pytest.approx(true, abs=5e-5)


def test_calibration_recovers_the_line() -> None:
    rng = np.random.default_rng(0)
    log_odds = rng.normal(-3, 1.5, 100_000)
    default = rng.random(100_000) < expit(0.6 * log_odds - 0.4)
    assert calibrate(default, log_odds) == pytest.approx((0.6, -0.4), abs=0.05)


def test_few_defaults_move_only_the_level_and_fewer_nothing() -> None:
    log_odds = np.random.default_rng(0).normal(-3, 1, 2000)
    default = np.zeros(2000)
    default[:30] = 1
    line = calibrate(default, log_odds)
    assert line.slope == 1
    assert expit(log_odds + line.intercept).mean() == pytest.approx(30 / 2000)
    assert calibrate(np.r_[np.ones(9), np.zeros(1991)], log_odds) == (1, 0)


def test_a_model_that_ranks_backwards_is_refused() -> None:
    rng = np.random.default_rng(0)
    log_odds = rng.normal(-1, 1, 2000)
    with pytest.raises(ValueError, match="ranks defaults last"):
        calibrate(rng.random(2000) < expit(-log_odds - 2), log_odds)


@given(st.floats(0.001, 0.9), st.lists(st.floats(-8, 8), min_size=1, max_size=20))
def test_central_tendency_is_met(target: float, log_odds: list[float]) -> None:
    shift = level_shift(np.array(log_odds), target)
    assert expit(np.array(log_odds) + shift).mean() == pytest.approx(target)


@pytest.mark.parametrize("target", [0.0, 1.0, 1.8])
def test_a_central_tendency_is_a_probability(target: float) -> None:
    with pytest.raises(ValueError, match="no default rate"):
        level_shift(np.zeros(3), target)


def test_the_parameters_are_lightgbm_s_own() -> None:
    found = parameters(FitSettings(num_leaves=9), FEATURES)
    assert found["monotone_constraints"] == [1, -1, 0]
    assert (found["num_leaves"], found["deterministic"], found["force_row_wise"]) == (9, True, True)
    assert "folds" not in found
