"""A line for a booster that learned from the slice its line is of."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from training.benchmark.ours import column_feature
from training.calibrated_fit import boosters, fit_calibrated
from training.config import FitSettings

SETTINGS = FitSettings(folds=0, max_trees=60, num_leaves=7, learning_rate=0.1)
FEATURES = [column_feature(f"column_{i}", 0) for i in range(3)]


def drawn(level: float, rows: int = 6000):
    """A default rate that rises from the first half of the rows to the second."""
    draw = np.random.default_rng(0)
    matrix = draw.normal(size=(rows, 3))
    late = np.arange(rows) >= rows // 2
    default = draw.random(rows) < expit(matrix[:, 0] - 3 + level * late)
    early, later = np.flatnonzero(~late), np.flatnonzero(late)
    return matrix, default, draw.random(rows), early, later


def mean_of_later(settings: FitSettings, level: float = 1.5) -> tuple[float, float]:
    matrix, default, place, early, later = drawn(level)
    found = fit_calibrated(
        matrix, default, place, early, later, features=FEATURES, settings=settings
    )
    told = found.learned.log_odds(matrix[later])
    told = expit(found.line.intercept + found.line.slope * told)
    return float(told.mean()), float(default[later].mean())


@pytest.mark.parametrize("refit", [False, True])
@pytest.mark.parametrize("folds", [0, 3])
def test_the_level_of_the_later_rows_is_counted_once(refit: bool, folds: int) -> None:
    told, observed = mean_of_later(replace(SETTINGS, refit=refit, folds=folds, bags=2))
    assert told == pytest.approx(observed, rel=0.05)


def test_the_slope_is_that_of_the_first_booster_on_later_rows() -> None:
    matrix, default, place, early, later = drawn(0.5)
    data = matrix, default, place, early, later
    lines = [
        fit_calibrated(*data, features=FEATURES, settings=replace(SETTINGS, refit=refit)).line
        for refit in (False, True)
    ]
    assert lines[0].slope == lines[1].slope
    assert lines[1].intercept < lines[0].intercept


def test_without_later_rows_the_folds_give_the_line() -> None:
    matrix, default, place, early, later = drawn(0.0)
    nothing = np.zeros(0, np.int64)
    rows = np.concatenate([early, later])
    settings = replace(SETTINGS, folds=3, refit=True, max_trees=200, early_stopping_rounds=20)
    found = fit_calibrated(
        matrix, default, place, rows, nothing, features=FEATURES, settings=settings
    )
    assert 0.7 < found.line.slope < 1.3
    plain = fit_calibrated(
        matrix, default, place, rows, nothing, features=FEATURES, settings=SETTINGS
    )
    assert plain.line == (1, 0)


@pytest.mark.parametrize("settings", [SETTINGS, replace(SETTINGS, refit=True, bags=2)])
def test_the_number_of_boosters_is_known_before(settings: FitSettings) -> None:
    matrix, default, place, early, later = drawn(0.0, rows=600)
    trees: list[object] = []

    def count(tree: object) -> None:
        trees.append(tree)

    fit_calibrated(
        *(matrix, default, place, early, later),
        features=FEATURES,
        settings=settings,
        on_tree=count,
    )
    assert len(trees) == boosters(settings) * settings.max_trees
