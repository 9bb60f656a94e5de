"""Choice: settings and columns for a table nobody has tuned for, by what is not its test rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.feature import Feature
from training.benchmark.data_set import threads
from training.config import FitSettings
from training.fit import parameters, place_folds
from training.pairs import Pair, best_pairs, pair_columns

MOST_ROWS = 20_000  # that a choice looks at
MANY = 5000  # rows to learn from, from which large trees are worth a try
FOLDS = 3
COMMON = FitSettings(max_trees=1500, folds=FOLDS, bags=3, early_stopping_rounds=40, refit=True)
# From nearly additive, for small tables, to trees that find what few features show together, and
# those that know a firm again by its accounts.
CANDIDATES = (
    replace(COMMON, num_leaves=3, min_data_in_leaf=10),
    replace(COMMON, num_leaves=8, min_data_in_leaf=20),
    replace(COMMON, num_leaves=31, min_data_in_leaf=20, feature_fraction=0.8),
)
LARGE = replace(COMMON, num_leaves=127, min_data_in_leaf=20, feature_fraction=0.3, lambda_l2=5.0)

Rows = NDArray[np.int64]
Part = tuple[Rows, Rows]
"""Rows to learn from and rows to judge by."""


@dataclass(frozen=True)
class Made:
    """Columns made beside those of the table: what changed since a row before, and pairs."""

    past: bool = False
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True)
class Columns:
    """The columns of a table; `past` is what changed in them since a row before (None: not known
    of any row)."""

    matrix: NDArray[np.float64]
    past: NDArray[np.float64] | None
    features: Sequence[Feature]

    def with_made(self, made: Made) -> tuple[NDArray[np.float64], list[Feature]]:
        """The matrix, what is made to its right, and what the fit asks of each column; what is
        made has no sign."""
        parts = [self.matrix]
        if made.past and self.past is not None:
            parts.append(self.past)
        if made.pairs:
            parts.append(pair_columns(self.matrix, made.pairs))
        matrix = np.hstack(parts) if len(parts) > 1 else self.matrix
        new = range(matrix.shape[1] - len(self.features))
        added = (replace(self.features[0], name=f"made_{n}", monotone=0) for n in new)
        return matrix, [*self.features, *added]


@dataclass(frozen=True)
class Chosen:
    """How to fit, and what to put beside the columns."""

    settings: FitSettings
    made: Made = Made()


def choose(
    columns: Columns,
    default: NDArray[np.bool],
    place: NDArray[np.float64],
    train: Rows,
    later: Rows,
) -> Chosen:
    """What has the least log-loss on the rows `later`, learned from the rows `train`: the test is
    later still. Where there are none, on groups held out of `train`.

    Settings first, then whether the past helps, then pairs, chosen anew from what is learned from.
    """
    parts = _parts(place, train, later)

    def judged(settings: FitSettings, past: bool, paired: bool) -> tuple[float, int]:
        found = []
        for learn, rest in parts:
            pairs = best_pairs(columns.matrix[learn], default[learn]) if paired else ()
            matrix, features = columns.with_made(Made(past, pairs))
            found.append(_least_loss(matrix, default, learn, rest, settings, features))
        losses, trees = zip(*found, strict=True)
        return float(np.mean(losses)), int(np.mean(trees))

    candidates = CANDIDATES if len(train) < MANY else (*CANDIDATES, LARGE)
    asked = [replace(c, num_threads=threads(columns.matrix.size)) for c in candidates]
    results = [judged(settings, False, False) for settings in asked]
    place_of_best = int(np.argmin([loss for loss, _ in results]))
    settings, best = asked[place_of_best], results[place_of_best]
    past = paired = False
    if columns.past is not None:
        other = judged(settings, True, False)
        past, best = other < best, min(best, other)
    other = judged(settings, past, True)
    paired, best = other < best, min(best, other)
    if len(later):  # the folds are of groups: they know nothing of what time takes away
        settings = replace(settings, folds=0, max_trees=max(1, best[1]))
    known = np.concatenate([train, later])
    pairs = best_pairs(columns.matrix[known], default[known]) if paired else ()
    return Chosen(settings, Made(past, pairs))


def _parts(place: NDArray[np.float64], train: Rows, later: Rows) -> list[Part]:
    """What learns and what judges, of as many groups as make MOST_ROWS."""
    known = np.concatenate([train, later])
    most = np.quantile(place[known], min(1.0, MOST_ROWS / len(known)))
    train, later = train[place[train] <= most], later[place[later] <= most]
    if len(later):
        return [(train, later)]
    folds = place_folds(place[train] / (most + 1e-9), FOLDS)
    return [(train[learn], train[rest]) for learn, rest in folds]


def _least_loss(
    matrix: NDArray[np.float64],
    default: NDArray[np.bool],
    learn: Rows,
    rest: Rows,
    settings: FitSettings,
    features: Sequence[Feature],
) -> tuple[float, int]:
    """Least log-loss on `rest` along the trees, and after how many."""
    params = parameters(settings, features)
    data = lgb.Dataset(matrix[learn], default[learn].astype(float), params=params)
    judge = data.create_valid(matrix[rest], default[rest].astype(float))
    stop = lgb.early_stopping(settings.early_stopping_rounds, verbose=False)
    booster = lgb.train(params, data, settings.max_trees, valid_sets=[judge], callbacks=[stop])
    return float(booster.best_score["valid_0"]["binary_logloss"]), booster.best_iteration
