"""Stability: has the population, a feature or the grading moved since the model was built?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import chi2

FLOOR = 1e-4


def psi(reference: ArrayLike, current: ArrayLike) -> float:
    """Population stability index of two sets of bin counts; an empty bin counts as share FLOOR.

    >>> round(psi([100, 100], [150, 50]), 4)
    0.2747
    """
    p, q = (np.maximum(np.divide(c, np.sum(c)), FLOOR) for c in (reference, current))
    return float(((p - q) * np.log(p / q)).sum())


def psi_bound(bins: int, reference_rows: int, current_rows: int) -> float:
    """What the PSI stays below, 95 times in 100, when nothing moved: chi2(bins − 1) (1/N + 1/M)
    (Yurdakul 2018).

    >>> round(psi_bound(10, 1000, 1000), 4)
    0.0338
    """
    return float(chi2.ppf(0.95, bins - 1) * (1 / reference_rows + 1 / current_rows))


def bin_counts(
    reference: NDArray, current: NDArray, bins: int = 10
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Counts of a score or feature in quantile bins frozen on `reference`; missing has its own.

    >>> bin_counts(np.array([1.0, 2.0, 3.0, np.nan]), np.array([0.0, 9.0, 9.0, 9.0]), bins=3)
    (array([1, 1, 1, 1]), array([1, 0, 3, 0]))
    """
    known = reference[~np.isnan(reference)]
    inner = np.linspace(0, 1, bins + 1)[1:-1]
    edges = np.unique(np.quantile(known, inner)) if len(known) else np.zeros(0)
    of_reference, of_current = (_counts(values, edges) for values in (reference, current))
    seen = of_reference + of_current > 0
    return of_reference[seen], of_current[seen]


def _counts(values: NDArray, edges: NDArray) -> NDArray[np.int64]:
    missing = len(edges) + 1
    place = np.where(np.isnan(values), missing, np.searchsorted(edges, values, "right"))
    return np.bincount(place, minlength=missing + 1)


def migration_matrix(before: NDArray, after: NDArray, grades: int) -> NDArray[np.int64]:
    """How many went from each grade (row) to each grade (column); grades are 0 … grades − 1."""
    return np.bincount(before * grades + after, minlength=grades**2).reshape(grades, grades)


def matrix_weighted_bandwidth(matrix: NDArray) -> tuple[float, float]:
    """Moves to worse and to better grades, each as a share of the furthest they could have gone
    (ECB, Instructions for reporting the validation results of internal models, 2019)."""
    grade = np.arange(len(matrix))
    distance = np.abs(grade[:, None] - grade[None, :])
    return _bandwidth(np.triu(matrix, 1), distance), _bandwidth(np.tril(matrix, -1), distance)


def _bandwidth(moves: NDArray, distance: NDArray) -> float:
    furthest = (moves * distance.max(axis=1, keepdims=True)).sum()
    return float((moves * distance).sum() / furthest) if furthest else 0.0


def herfindahl(amounts: ArrayLike) -> float:
    """Concentration: sum of squared shares; 1/n where all are equal, 1 where one has all.

    >>> herfindahl([50, 50])
    0.5
    """
    return float((np.divide(amounts, np.sum(amounts)) ** 2).sum())
