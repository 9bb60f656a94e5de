"""Fit: one LightGBM booster, and the line that turns its log-odds into probabilities."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from features.feature import Feature
from training.bagging import mean_booster
from training.config import FitSettings
from training.statistics.calibration import Line, logistic_line

ENOUGH_FOR_SLOPE, ENOUGH_FOR_LEVEL = 50, 10  # defaults; below, the line would follow noise
_NOT_LIGHTGBM = (
    "max_trees",
    "early_stopping_rounds",
    "folds",
    "bags",
    "refit",
    "majority_share",
    "monotone",
)
LOSS = "valid binary_logloss-mean"  # in the history of a cross-validation


class RanksBackwardsError(ValueError):
    """What was learned ranks later rows the other way round."""


@dataclass(frozen=True)
class Learned:
    """A booster, and the shift of its log-odds that undoes subsampling (0 where there was none).

    `held_out`: raw log-odds of the rows it learned from, each by a booster of the cross-validation
    that saw no row of its buyer; None without folds. For a level where no later slice is at hand.
    """

    booster: lgb.Booster
    prior_shift: float
    rows: NDArray[np.int64]
    held_out: NDArray[np.float64] | None

    def log_odds(self, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of each row of `matrix`, (n,), as of the population; not calibrated."""
        return np.asarray(self.booster.predict(matrix, raw_score=True)) + self.prior_shift


def fit_booster(
    matrix: NDArray[np.float64],
    default: NDArray[np.bool],
    place: NDArray[np.float64],
    *,
    features: Sequence[Feature],
    settings: FitSettings,
    on_tree: Callable[[Any], None] = lambda _: None,
) -> Learned:
    """Learn `default` from `matrix` (n, f), monotone where the catalogue gives a sign.

    `place` is the buyer's number in [0, 1): folds are cut on it, so that no buyer is on both sides.
    The folds say how many trees; the booster, or the mean of `bags` of them that differ in their
    seeds, is then grown on all rows. `on_tree` is called after each tree. Equal input gives equal
    bytes.
    """
    rows = thinned(default, settings)
    shift = prior_shift(default.mean(), default[rows].mean())
    matrix, default, place = matrix[rows], default[rows], place[rows]
    params = parameters(settings, features)
    data = lgb.Dataset(
        matrix, default.astype(np.float64), feature_name=[f.name for f in features], params=params
    )
    trees, held_out = settings.max_trees, None
    if settings.folds:
        history = _cross_validation(data, place, params, settings, on_tree)
        trees = len(history[LOSS])
        held_out = _held_out(history, matrix, place, settings)
    bags = [
        lgb.train({**params, "seed": settings.seed + bag}, data, trees, callbacks=[on_tree])
        for bag in range(settings.bags)
    ]
    return Learned(mean_booster(bags), shift, rows, held_out)


# Equal input gives equal bytes on any number of cores.
REPRODUCIBLE: dict[str, Any] = {
    "objective": "binary",
    "verbosity": -1,
    "deterministic": True,
    "force_row_wise": True,
}


def parameters(settings: FitSettings, features: Sequence[Feature]) -> dict[str, Any]:
    """LightGBM's parameters, such that equal input gives equal bytes on any number of cores."""
    chosen = {k: v for k, v in asdict(settings).items() if k not in _NOT_LIGHTGBM}
    signs = [feature.monotone for feature in features] if settings.monotone else None
    return {
        **REPRODUCIBLE,
        "metric": "binary_logloss",
        "bagging_freq": 1,
        "monotone_constraints": signs,
        **chosen,
    }


def cross_validate(
    data: lgb.Dataset,
    place: NDArray[np.float64],
    params: dict[str, Any],
    settings: FitSettings,
    on_tree: Callable[[Any], None] = lambda _: None,
) -> list[float]:
    """Log-loss on the folds' held-out buyers after each tree, up to the best number of trees."""
    return list(np.asarray(_cross_validation(data, place, params, settings, on_tree)[LOSS]))


def _cross_validation(
    data: lgb.Dataset,
    place: NDArray[np.float64],
    params: dict[str, Any],
    settings: FitSettings,
    on_tree: Callable[[Any], None],
) -> dict[str, Any]:
    stop = lgb.early_stopping(settings.early_stopping_rounds, verbose=False)
    return lgb.cv(
        params,
        data,
        settings.max_trees,
        folds=place_folds(place, settings.folds),
        callbacks=[stop, on_tree],
        return_cvbooster=True,
    )


def _held_out(
    history: dict[str, Any],
    matrix: NDArray[np.float64],
    place: NDArray[np.float64],
    settings: FitSettings,
) -> NDArray[np.float64]:
    log_odds = np.empty(len(matrix))
    boosters = history["cvbooster"].boosters
    for booster, (_, rest) in zip(boosters, place_folds(place, settings.folds), strict=True):
        log_odds[rest] = booster.predict(
            matrix[rest], raw_score=True, num_iteration=len(history[LOSS])
        )
    return log_odds


def place_folds(
    place: NDArray[np.float64], folds: int
) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows to learn from and rows held out, by buyers."""
    fold = (place * folds).astype(int)
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in np.unique(fold)]


def thinned(default: NDArray[np.bool], settings: FitSettings) -> NDArray[np.int64]:
    """Rows to learn from: all defaults and `majority_share` of the others."""
    draw = np.random.default_rng(settings.seed).random(len(default))
    return np.flatnonzero(default | (draw < settings.majority_share))


def prior_shift(population: float, sample: float) -> float:
    """Shift of log-odds from the default rate of the `sample` learned on to the population's.

    >>> round(float(expit(logit(0.30) + prior_shift(0.02, 0.10))), 4)
    0.073
    """
    return float(logit(population) - logit(sample))


def calibrate(default: NDArray, log_odds: NDArray) -> Line:
    """Platt's line on a later slice; where defaults are few, only its level, or nothing at all."""
    defaults = int(np.sum(default))
    if defaults < ENOUGH_FOR_LEVEL:
        return Line(1.0, 0.0)
    if defaults < ENOUGH_FOR_SLOPE:
        return Line(1.0, level_shift(log_odds, float(np.mean(default))))
    line = logistic_line(default, log_odds)
    if line.slope <= 0:
        raise RanksBackwardsError(
            f"calibration slope {line.slope:.2f}: on later data the model ranks defaults last; "
            "look for features that changed their meaning, or widen the training window"
        )
    return line


def level_shift(log_odds: NDArray, central_tendency: float) -> float:
    """Shift of log-odds that makes the mean probability `central_tendency`; ranks stay.

    >>> shift = level_shift(np.array([-5.0, -3.0]), 0.018)
    >>> round(float(expit(np.array([-5.0, -3.0]) + shift).mean()), 6)
    0.018
    """
    check_central_tendency(central_tendency)
    return float(brentq(lambda s: expit(log_odds + s).mean() - central_tendency, -50, 50))


def check_central_tendency(rate: float) -> None:
    """Raises ValueError where it is no default rate."""
    if not 0 < rate < 1:
        raise ValueError(
            f"central tendency {rate} is no default rate; give one between 0 and 1, such as 0.018"
        )
