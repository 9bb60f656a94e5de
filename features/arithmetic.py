"""Guarded arithmetic on columns: a value that cannot be computed is missing, never infinite.

Compiled element by element, so that one value alone and a million together take the same steps
and give the same bits.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite, isnan, log, sqrt

import numpy as np
from numba import njit, vectorize
from numpy.typing import NDArray

from features.feature import Feature

Column = NDArray[np.float64]

# Signatures are given, since threads that meet an uncompiled function at once compile it twice.

FURTHEST = 1e9  # a ratio beyond this says only that its denominator is next to nothing


_kept: list[object] = []  # the owners of machine code that ufuncs point to


def _elementwise(signature: str) -> Callable[[Callable[..., float]], np.ufunc]:
    """Compile a function of numbers into a ufunc of NumPy's own: numba's costs three times as much
    to call on a few values."""

    def compiled(function: Callable[..., float]) -> np.ufunc:
        _kept.append(owner := vectorize(signature, cache=True)(function))
        owner.ufunc.__doc__ = function.__doc__
        return owner.ufunc

    return compiled


@_elementwise("f8(f8, f8)")
def ratio(numerator: float, denominator: float) -> float:
    """numerator / denominator where the denominator is above zero and not negligible, else NaN.

    >>> ratio(1.0, np.array([2.0, 0.0, -2.0, 1e-12]))
    array([0.5, nan, nan, nan])
    """
    usable = 0 < denominator < np.inf and abs(numerator) / FURTHEST < denominator
    return numerator / (denominator if usable else np.nan)


@_elementwise("f8(f8, f8)")
def growth(now: float, before: float) -> float:
    """(now - before) / before where before is above zero and not negligible, else NaN."""
    gained = now - before
    usable = 0 < before < np.inf and abs(gained) / FURTHEST < before
    return gained / (before if usable else np.nan)


@_elementwise("f8(f8, f8)")
def nil(amount: float, scale: float) -> float:
    """Flag of an amount that is no denominator: not above zero, or negligible beside `scale`."""
    if isnan(amount):
        return np.nan
    least = scale / FURTHEST if scale > 0 else 0.0
    return 1.0 if amount <= least else 0.0


@_elementwise("f8(f8)")
def logarithm(amount: float) -> float:
    """Natural logarithm where the amount is above zero and finite, else NaN."""
    return log(amount if 0 < amount < np.inf else np.nan)


@njit(cache=True, nogil=True)
def dispersion(years: NDArray[np.float64]) -> Column:
    """Standard deviation over the known values of each column of `years`, shape (years, n).

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


def stack(columns: Mapping[str, Column], features: Sequence[Feature]) -> NDArray[np.float64]:
    """The columns named by `features`, in that order, as a matrix (n, features) without infinity.

    A feature without a column is a KeyError.
    """
    return _by_key(np.array([columns[feature.name] for feature in features], np.float64))


@njit(cache=True, nogil=True)
def _by_key(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    features, keys = columns.shape
    out = np.empty((keys, features))
    for key in range(keys):
        for feature in range(features):
            value = columns[feature, key]
            out[key, feature] = value if isfinite(value) else np.nan
    return out
