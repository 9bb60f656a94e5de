"""Guarded arithmetic on columns: a value that cannot be computed is missing, never infinite.

Loops over rows instead of NumPy expressions, so that one row alone and a million together take
the same machine instructions, and give the same bits.
"""

from collections.abc import Mapping, Sequence
from math import isfinite, isnan, log, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.feature import Feature

Column = NDArray[np.float64]

FURTHEST = 1e9  # a ratio beyond this says only that its denominator is next to nothing


@njit(cache=True, nogil=True)
def ratio(numerator: Column, denominator: Column) -> Column:
    """numerator / denominator where the denominator is above zero and not negligible, else NaN.

    >>> ratio(np.array([1.0, 1.0, 1.0]), np.array([2.0, 0.0, -2.0]))
    array([0.5, nan, nan])
    """
    out = np.empty(len(numerator))
    for i in range(len(out)):
        above, below = numerator[i], denominator[i]
        usable = 0 < below < np.inf and abs(above) < FURTHEST * below
        out[i] = above / below if usable else np.nan
    return out


@njit(cache=True, nogil=True)
def growth(now: Column, before: Column) -> Column:
    """(now - before) / before where before is above zero and not negligible, else NaN."""
    out = np.empty(len(now))
    for i in range(len(out)):
        gained, base = now[i] - before[i], before[i]
        usable = 0 < base < np.inf and abs(gained) < FURTHEST * base
        out[i] = gained / base if usable else np.nan
    return out


@njit(cache=True, nogil=True)
def logarithm(amount: Column) -> Column:
    """Natural logarithm where the amount is above zero and finite, else NaN."""
    out = np.empty(len(amount))
    for i in range(len(out)):
        out[i] = log(amount[i]) if 0 < amount[i] < np.inf else np.nan
    return out


@njit(cache=True, nogil=True)
def dispersion(years: NDArray[np.float64]) -> Column:
    """Standard deviation over the known values of each column of `years` (years, n).

    NaN where fewer than three are known.
    """
    out = np.full(years.shape[1], np.nan)
    for i in range(len(out)):
        known, total = 0, 0.0
        for year in range(len(years)):
            if not isnan(years[year, i]):
                known, total = known + 1, total + years[year, i]
        if known >= 3:
            mean, squares = total / known, 0.0
            for year in range(len(years)):
                if not isnan(years[year, i]):
                    squares += (years[year, i] - mean) ** 2
            out[i] = sqrt(squares / (known - 1))
    return out


@njit(cache=True, nogil=True)
def nil(amount: Column, scale: Column) -> Column:
    """Flag of an amount that is no denominator: not above zero, or negligible beside `scale`."""
    out = np.empty(len(amount))
    for i in range(len(out)):
        least = scale[i] / FURTHEST if scale[i] > 0 else 0.0
        out[i] = np.nan if isnan(amount[i]) else 1.0 if amount[i] <= least else 0.0
    return out


def stack(columns: Mapping[str, Column], features: Sequence[Feature]) -> NDArray[np.float64]:
    """The columns named by `features`, in that order, as a matrix (n, features) without infinity.

    A feature without a column is a KeyError, a column without a feature an error too.
    """
    if strangers := columns.keys() - {feature.name for feature in features}:
        raise KeyError(f"columns without a catalogue entry: {sorted(strangers)}")
    matrix = np.empty((len(next(iter(columns.values()))), len(features)))
    for position, feature in enumerate(features):
        _write(columns[feature.name], matrix[:, position])
    return matrix


@njit(cache=True, nogil=True)
def _write(column: Column, out: Column) -> None:
    for i in range(len(out)):
        out[i] = column[i] if isfinite(column[i]) else np.nan
