"""Exact drivers of small trees, looked up.

The answers at a tree's k splits fix its drivers, so 2**k rows hold all that it can say: a row to
explain costs k comparisons and one row of the table. The walk fills the tables, once; answers that
contradict each other are filled too and never asked for.
"""

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers.booster_text import Matrix, Tree
from models.drivers.reading import READINGS, read, readings
from models.drivers.walk import Walk

MOST_BYTES = 16_000_000  # of a booster's tables: bounds the time to fill them, too

QUESTION = np.dtype([("threshold", "f8"), ("reading", "u8")])
# One tree: its first split, number of splits, first column, number of columns, first effect.
TABLE = np.dtype([(name, "u8") for name in ("split", "splits", "column", "columns", "effect")])


def small_and_large(trees: Sequence[Tree]) -> tuple[list[Tree], list[Tree]]:
    """The smallest trees, as many as have tables within `MOST_BYTES` together; and the others."""
    by_size = sorted(trees, key=lambda tree: len(tree.feature))
    splits = (len(tree.feature) for tree in by_size)
    n_small = bisect(list(accumulate(8 * k << k for k in splits)), MOST_BYTES)
    return by_size[:n_small], by_size[n_small:]


@dataclass(frozen=True, eq=False)
class Tables:
    """Small trees as tables; row `pattern` has bit i set where the row goes right at split i, and
    a column for each distinct feature."""

    tables: NDArray
    questions: NDArray
    columns: NDArray[np.uint64]
    effects: Matrix

    @classmethod
    def of(cls, trees: Sequence[Tree], n_features: int) -> "Tables":
        """Fill the tables of small trees that split on `n_features` features."""
        columns, effects = [np.empty(0, np.uint64)], [np.empty(0)]
        questions = [np.empty(0, QUESTION)]
        tables, n_splits, n_columns, n_effects = [], 0, 0, 0
        for tree in trees:
            own, table = _fill(tree)
            question = np.empty(len(tree.feature), QUESTION)
            question["threshold"], question["reading"] = tree.threshold, readings(tree, n_features)
            tables.append((n_splits, len(question), n_columns, len(own), n_effects))
            questions.append(question)
            columns.append(own.astype(np.uint64))
            effects.append(table.ravel())
            n_splits, n_columns = n_splits + len(question), n_columns + len(own)
            n_effects += table.size
        return cls(
            np.array(tables, TABLE),
            np.concatenate(questions),
            np.concatenate(columns),
            np.concatenate(effects),
        )

    def add(self, rows: Matrix, out: Matrix) -> None:
        """Add the φ of rows (n, features) to `out`, of that shape."""
        if len(self.tables):
            _look_up(rows, self.tables, self.questions, self.columns, self.effects, out)


def _fill(tree: Tree) -> tuple[NDArray[np.int64], Matrix]:
    """The tree's distinct features, and their φ (2**splits, features) for every pattern.

    The walk is led by the patterns: row i of a pattern stands for the answer at split i.
    """
    splits = np.arange(len(tree.feature))
    patterns = (np.arange(2 ** len(splits))[:, None] >> splits & 1).astype(float)
    features, column = np.unique(tree.feature, return_inverse=True)
    walk = Walk.of([replace(tree, feature=column)], len(splits))
    walk.splits["reading"], walk.splits["threshold"] = splits, 0.5
    effects = np.zeros_like(patterns)
    walk.add(patterns, effects)
    return features, effects[:, : len(features)]


@njit(cache=True, nogil=True)
def _look_up(X, tables, questions, columns, effects, out):  # type: ignore[no-untyped-def]
    values = np.empty((READINGS, X.shape[1]))
    for row in range(len(X)):
        read(X[row], values)
        seen = values.ravel()
        for k in range(len(tables)):
            table = tables[k]
            pattern = np.uint64(0)
            for i in range(table.splits):
                question = questions[table.split + i]
                goes_right = not seen[question.reading] <= question.threshold
                pattern |= np.uint64(goes_right) << np.uint64(i)
            first = table.effect + pattern * table.columns
            for c in range(table.columns):
                out[row, columns[table.column + c]] += effects[first + c]
