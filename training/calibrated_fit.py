"""Calibrated fit: a booster of earlier rows, and its line from later ones.

With `refit` the booster then learns from the later rows too. It knows their level by then, so the
first booster's line would count it twice: the slope is kept, for it says how sure one may be of
later rows, and the level is taken anew, on each part of the buyers from a booster that learned from
the other parts' rows, earlier and later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.feature import Feature
from training.config import FitSettings
from training.fit import (
    ENOUGH_FOR_LEVEL,
    Learned,
    calibrate,
    fit_booster,
    level_shift,
    place_folds,
)
from training.statistics.calibration import Line

PARTS = 3  # of the buyers, for the line after a refit
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Calibrated:
    """A booster and its line; `told` are the raw log-odds of the later rows that the line is from,
    the shift for subsampling in them."""

    learned: Learned
    line: Line
    told: Floats


def boosters(settings: FitSettings) -> int:
    """How many boosters a calibrated fit grows, for a progress bar; a cross-validation is one."""
    once = settings.bags + (settings.folds > 0)
    return once + (PARTS + 1) * settings.bags * settings.refit


def fit_calibrated(
    matrix: Floats,
    default: NDArray[np.bool],
    place: Floats,
    train: NDArray[np.int64],
    later: NDArray[np.int64],
    *,
    features: Sequence[Feature],
    settings: FitSettings,
    on_tree: Callable[[Any], None] = lambda _: None,
) -> Calibrated:
    """Learn from the rows `train` of `matrix`, take the line from the rows `later`; where there are
    none, from those rows that each part of the cross-validation held out.

    `place` as in `fit_booster`. Equal input gives equal bytes.
    """

    def fit(rows: NDArray[np.int64], chosen: FitSettings) -> Learned:
        return fit_booster(
            matrix[rows],
            default[rows],
            place[rows],
            features=features,
            settings=chosen,
            on_tree=on_tree,
        )

    learned = fit(train, settings)
    if not len(later):
        return _by_folds(learned, default[train])
    told = learned.log_odds(matrix[later])
    line = calibrate(default[later], told)
    if not settings.refit:
        return Calibrated(learned, line, told)
    trees = learned.booster.num_trees() // settings.bags
    settings = replace(settings, folds=0, max_trees=trees)
    both = np.concatenate([train, later])
    for rest, held_out in place_folds(place[both], PARTS):
        asked = np.isin(later, both[held_out])
        if asked.any():
            told[asked] = fit(both[rest], settings).log_odds(matrix[later[asked]])
    if default[later].sum() >= ENOUGH_FOR_LEVEL:
        level = level_shift(line.slope * told, float(default[later].mean()))
        line = Line(line.slope, level)
    return Calibrated(fit(both, settings), line, told)


def _by_folds(learned: Learned, default: NDArray[np.bool]) -> Calibrated:
    if learned.held_out is None:
        return Calibrated(learned, Line(1.0, 0.0), np.zeros(0))
    told = learned.held_out + learned.prior_shift
    return Calibrated(learned, calibrate(default[learned.rows], told), told)
