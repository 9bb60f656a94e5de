"""Choice: settings for a table that nobody has tuned for, by cross-validation of training rows."""

from collections.abc import Sequence
from dataclasses import replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.feature import Feature
from training.config import FitSettings
from training.fit import cross_validate, parameters

MOST_ROWS = 20_000  # that a choice looks at
BAGS = 5
COMMON = FitSettings(max_trees=2000, bags=BAGS, early_stopping_rounds=50)
# From nearly additive, for small tables, to trees that find what few features show together.
CANDIDATES = (
    replace(COMMON, num_leaves=3, min_data_in_leaf=10, learning_rate=0.05),
    replace(COMMON, num_leaves=8, min_data_in_leaf=20, learning_rate=0.04),
    replace(COMMON, num_leaves=31, min_data_in_leaf=20, learning_rate=0.04, feature_fraction=0.8),
)


def choose(
    matrix: NDArray[np.float64],
    default: NDArray[np.bool],
    place: NDArray[np.float64],
    *,
    features: Sequence[Feature],
) -> FitSettings:
    """The candidate of the least log-loss on held-out buyers, all on the same folds."""
    rows = np.flatnonzero(place <= np.quantile(place, min(1.0, MOST_ROWS / len(place))))
    losses = []
    for settings in CANDIDATES:
        params = parameters(settings, features)
        data = lgb.Dataset(matrix[rows], default[rows].astype(np.float64), params=params)
        whole = place[rows] / (place[rows].max() + 1e-9)
        losses.append(cross_validate(data, whole, params, settings)[-1])
    return CANDIDATES[int(np.argmin(losses))]
