"""Guarded arithmetic: a value that cannot be computed is missing, never infinite.

Compiled element by element, for kernels and for columns, so that one value alone and a million
together take the same steps and give the same bits.
"""

from collections.abc import Mapping, Sequence
from math import isfinite, isnan, log, sqrt

import numpy as np
from numba import njit, vectorize
from numpy.typing import NDArray

from features.feature import Feature

Column = NDArray[np.float64]

# Signatures are given, since threads that meet an uncompiled function at once compile it twice.

FURTHEST = 1e9  # a ratio beyond this says only that its denominator is next to nothing


@vectorize("f8(f8, f8)", cache=True)
def ratio(numerator: float, denominator: float) -> float:
    """numerator / denominator where the denominator is above zero and not negligible, else NaN.

    >>> ratio(1.0, np.array([2.0, 0.0, -2.0, 1e-12]))
    array([0.5, nan, nan, nan])
    """
    usable = 0 < denominator < np.inf and abs(numerator) / FURTHEST < denominator
    return numerator / (denominator if usable else np.nan)


@vectorize("f8(f8, f8)", cache=True)
def growth(now: float, before: float) -> float:
    """(now - before) / before where before is above zero and not negligible, else NaN."""
    gained = now - before
    usable = 0 < before < np.inf and abs(gained) / FURTHEST < before
    return gained / (before if usable else np.nan)


@vectorize("f8(f8, f8)", cache=True)
def nil(amount: float, scale: float) -> float:
    """Flag of an amount that is no denominator: not above zero, or negligible beside `scale`."""
    if isnan(amount):
        return np.nan
    least = scale / FURTHEST if scale > 0 else 0.0
    return 1.0 if amount <= least else 0.0


@vectorize("f8(f8)", cache=True)
def logarithm(amount: float) -> float:
    """Natural logarithm where the amount is above zero and finite, else NaN."""
    return log(amount if 0 < amount < np.inf else np.nan)


@njit(cache=True, nogil=True)
def dispersion(years: NDArray[np.float64]) -> float:
    """Standard deviation over the known values of `years`, NaN where fewer than three are known."""
    known, total = 0, 0.0
    for value in years:
        if not isnan(value):
            known, total = known + 1, total + value
    if known < 3:
        return np.nan
    mean, squares = total / known, 0.0
    for value in years:
        if not isnan(value):
            squares += (value - mean) ** 2
    return sqrt(squares / (known - 1))


def stack(columns: Mapping[str, Column], features: Sequence[Feature]) -> NDArray[np.float64]:
    """The columns named by `features`, in that order, as a matrix (n, features) without infinity.

    A feature without a column is a KeyError.
    """
    return _by_key(np.array([columns[feature.name] for feature in features], np.float64))


@njit(cache=True, nogil=True)
def clean(matrix: NDArray[np.float64]) -> None:
    """Make missing what is infinite in a matrix."""
    for row in matrix:
        for column in range(len(row)):
            if not isfinite(row[column]):
                row[column] = np.nan


@njit(cache=True, nogil=True)
def _by_key(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    features, keys = columns.shape
    out = np.empty((keys, features))
    for key in range(keys):
        for feature in range(features):
            value = columns[feature, key]
            out[key, feature] = value if isfinite(value) else np.nan
    return out


@njit(cache=True, nogil=True, forceinline=True)
def to_cents(amount: float) -> int:
    """Whole cents, half to even; the amount must be finite.

    >>> to_cents(12.345), to_cents(-0.5)
    (1234, -50)
    """
    return int(np.rint(amount * 100.0))
