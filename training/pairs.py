"""Pairs: differences and quotients of two columns, chosen by what they add to a booster.

Synthetic features after Zieba, Tomczak and Tomczak (2016), who draw them at random; here all are
tried, and the rows they are chosen on must be training rows only.
"""

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from training.fit import REPRODUCIBLE

MOST_COLUMNS = 64  # that are paired: those of the greatest gain
MOST_ROWS = 10_000
# A small booster that sees each pair in a tenth of its trees at least.
SEED = 7
SEARCH: dict[str, Any] = {
    **REPRODUCIBLE,
    "num_threads": 1,
    "seed": SEED,
    "learning_rate": 0.1,
    "num_leaves": 15,
    "feature_fraction": 0.1,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
}
TREES = 100


class Pair(NamedTuple):
    """Two columns of a matrix, and what is made of them."""

    left: int
    right: int
    made: Literal["difference", "quotient"]


def pair_columns(matrix: NDArray[np.float64], pairs: Sequence[Pair]) -> NDArray[np.float64]:
    """The columns of `pairs`, (n, len(pairs)); missing where a part is, or a divisor is zero."""
    out = np.empty((len(matrix), len(pairs)))
    with np.errstate(all="ignore"):
        for place, (left, right, made) in enumerate(pairs):
            operation = np.subtract if made == "difference" else np.divide
            operation(matrix[:, left], matrix[:, right], out=out[:, place])
    out[~np.isfinite(out)] = np.nan
    return out


def best_pairs(
    matrix: NDArray[np.float64], default: NDArray[np.bool], most: int = 50
) -> tuple[Pair, ...]:
    """The `most` pairs of the greatest gain beside all columns; fewer where fewer gain at all."""
    rows = _some_rows(default)
    matrix, default = matrix[rows], default[rows]
    columns = np.arange(matrix.shape[1])
    if len(columns) > MOST_COLUMNS:
        columns = np.sort(np.argsort(-_gain(matrix, default), kind="stable")[:MOST_COLUMNS])
    pairs = [
        Pair(int(left), int(right), made)
        for made in ("difference", "quotient")
        for place, left in enumerate(columns)
        for right in columns[place + 1 :]
    ]
    gain = _gain(np.hstack([matrix, pair_columns(matrix, pairs)]), default)[matrix.shape[1] :]
    order = np.argsort(-gain, kind="stable")[:most]
    return tuple(pairs[place] for place in order if gain[place] > 0)


def _gain(matrix: NDArray[np.float64], default: NDArray[np.bool]) -> NDArray[np.float64]:
    data = lgb.Dataset(matrix.astype(np.float32), default.astype(float), params=SEARCH)
    return lgb.train(SEARCH, data, TREES).feature_importance("gain")


def _some_rows(default: NDArray[np.bool]) -> NDArray[np.int64]:
    """All rows or, where there are many, as many of each outcome as its share."""
    draw = np.random.default_rng(SEED).random(len(default))
    return np.flatnonzero(draw < MOST_ROWS / len(default))
