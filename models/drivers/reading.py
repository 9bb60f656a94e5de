"""How LightGBM reads a value at a split: what is missing, what is zero, and where both go."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from models.drivers.booster_text import Tree

ZERO = float(np.float32(1e-35))  # LightGBM reads what is no further from zero as zero
READINGS = 5


def readings(tree: Tree, n_features: int) -> NDArray[np.int64]:
    """For each split, which of `read`'s values it compares, counted row by row."""
    kind = np.where(tree.missing == 0, 0, 2 * tree.missing - 1 + tree.missing_right)
    return kind * n_features + tree.feature


@njit(cache=True, nogil=True)
def read(row, values):  # type: ignore[no-untyped-def]
    """The row as each kind of split reads it, so that `value <= threshold` goes left: NaN as zero;
    zero and NaN missing, to the left or to the right; NaN missing, to the left or to the right."""
    for j in range(len(row)):
        x = 0.0 if abs(row[j]) <= ZERO else row[j]
        nan = np.isnan(x)
        values[0, j] = 0.0 if nan else x
        values[1, j] = -np.inf if nan or x == 0.0 else x
        values[2, j] = np.nan if x == 0.0 else x
        values[3, j] = -np.inf if nan else x
        values[4, j] = x
