"""Choice: settings and pairs for a table nobody has tuned for, by folds of its training rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.feature import Feature
from training.benchmark.data_set import threads
from training.config import FitSettings
from training.fit import parameters
from training.pairs import Pair, best_pairs, pair_columns

MOST_ROWS = 20_000  # that a choice looks at
FOLDS = 3
COMMON = FitSettings(max_trees=1500, folds=FOLDS, bags=3, early_stopping_rounds=40, refit=True)
# From nearly additive, for small tables, to trees that find what few features show together.
CANDIDATES = (
    replace(COMMON, num_leaves=3, min_data_in_leaf=10),
    replace(COMMON, num_leaves=8, min_data_in_leaf=20),
    replace(COMMON, num_leaves=31, min_data_in_leaf=20, feature_fraction=0.8),
)


@dataclass(frozen=True)
class Chosen:
    """How to fit, and which pairs of columns to put beside the columns."""

    settings: FitSettings
    pairs: tuple[Pair, ...]


def choose(
    matrix: NDArray[np.float64],
    default: NDArray[np.bool],
    place: NDArray[np.float64],
    *,
    features: Sequence[Feature],
) -> Chosen:
    """What has the least log-loss on held-out buyers; pairs are chosen anew in every fold."""
    rows = np.flatnonzero(place <= np.quantile(place, min(1.0, MOST_ROWS / len(place))))
    fold = (place[rows] / place.max() * FOLDS * (1 - 1e-9)).astype(int)
    candidates = [replace(c, num_threads=threads(matrix.size)) for c in CANDIDATES]
    parts = [(rows[fold != k], rows[fold == k]) for k in np.unique(fold)]

    def loss(settings: FitSettings, paired: bool) -> float:
        found = []
        for learn, rest in parts:
            pairs = best_pairs(matrix[learn], default[learn]) if paired else ()
            whole, columns = with_pairs(matrix, pairs), pair_features(features, pairs)
            found.append(_held_out_loss(whole, default, learn, rest, settings, columns))
        return float(np.mean(found))

    losses = [loss(settings, paired=False) for settings in candidates]
    best = candidates[int(np.argmin(losses))]
    if loss(best, paired=True) < min(losses):
        return Chosen(best, best_pairs(matrix, default))
    return Chosen(best, ())


def with_pairs(matrix: NDArray[np.float64], pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """The matrix, with its pairs to the right."""
    return np.hstack([matrix, pair_columns(matrix, pairs)]) if pairs else matrix


def pair_features(features: Sequence[Feature], pairs: Sequence[Pair]) -> list[Feature]:
    """What the fit asks of the columns of `with_pairs`; a pair has no sign."""
    made = (replace(features[0], name=f"pair_{n}", monotone=0) for n in range(len(pairs)))
    return [*features, *made]


def _held_out_loss(
    matrix: NDArray[np.float64],
    default: NDArray[np.bool],
    learn: NDArray[np.int64],
    rest: NDArray[np.int64],
    settings: FitSettings,
    features: Sequence[Feature],
) -> float:
    """Least log-loss on `rest` along the trees."""
    params = parameters(settings, features)
    data = lgb.Dataset(matrix[learn], default[learn].astype(float), params=params)
    judge = data.create_valid(matrix[rest], default[rest].astype(float))
    stop = lgb.early_stopping(settings.early_stopping_rounds, verbose=False)
    booster = lgb.train(params, data, settings.max_trees, valid_sets=[judge], callbacks=[stop])
    return float(booster.best_score["valid_0"]["binary_logloss"])
