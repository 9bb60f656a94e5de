import numpy as np
import pytest

from models.default_model import DefaultModel
from tests.training.test_fit import FEATURES, QUICK, drawn, replace
from training.bagging import mean_booster
from training.fit import fit_booster


def grown(seed: int, bags: int = 1):
    settings = replace(QUICK, seed=seed, bags=bags)
    return fit_booster(*drawn(), features=FEATURES, settings=settings).booster


def test_the_mean_of_boosters_is_one_booster() -> None:
    rows = drawn(200, seed=1)[0]
    apart = [grown(seed).predict(rows, raw_score=True) for seed in (7, 8, 9)]
    together = grown(7, bags=3)
    assert together.num_trees() == 3 * grown(7).num_trees()
    assert together.predict(rows, raw_score=True) == pytest.approx(np.mean(apart, axis=0))


def test_drivers_of_the_mean_stay_exact() -> None:
    rows, booster = drawn(50, seed=1)[0], grown(7, bags=2)
    base, contributions = DefaultModel.from_booster(booster).drivers(rows)
    expected = booster.predict(rows, pred_contrib=True)
    assert contributions == pytest.approx(expected[:, :-1], abs=1e-9)
    assert base == pytest.approx(expected[0, -1])


def test_the_mean_of_one_is_itself() -> None:
    booster = grown(7)
    assert mean_booster([booster]) is booster
