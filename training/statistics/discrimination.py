"""Discrimination: does the score rank defaults above the others, and how surely?

`default` is 0/1 (n,); a `score` is anything that rises with risk (n,).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ks_2samp, norm, rankdata

from models.statistics.jeffreys import LEVEL, Interval

NORMAL = float(norm.ppf(0.5 + LEVEL / 2))  # half an interval, in standard errors


class Significance(NamedTuple):
    """A test statistic and its p-value."""

    statistic: float
    p_value: float


def auc_interval(default: NDArray, score: NDArray) -> Interval:
    """Area under the ROC curve with DeLong's interval (DeLong et al. 1988; Sun & Xu 2014).

    ValueError where there are fewer than two defaults or two others.

    >>> auc_interval(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])).value
    0.75
    """
    (area,), covariance = _delong(default, np.asarray(score)[None, :])
    half = NORMAL * np.sqrt(covariance[0, 0])
    return Interval(float(area), float(max(area - half, 0)), float(min(area + half, 1)))


def auc(default: NDArray, score: NDArray) -> float:
    """Area under the ROC curve alone, for many draws; ValueError where one class is missing."""
    bad = np.asarray(default, bool)
    defaults, others = int(bad.sum()), int((~bad).sum())
    if not defaults or not others:
        raise ValueError(f"{defaults} defaults and {others} others: no AUC")
    return float((rankdata(score)[bad].sum() - defaults * (defaults + 1) / 2) / (defaults * others))


def gini(default: NDArray, score: NDArray) -> float:
    """2 AUC − 1."""
    return 2 * auc(default, score) - 1


def expected_gini(probability: NDArray, score: NDArray) -> float:
    """Gini of `score` over the defaults that rows of these probabilities bring on average: each
    row counts as a default with its probability, and as none with the rest.

    >>> expected_gini(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.5
    """
    order = np.argsort(score)
    ranked, probability = score[order], probability[order]
    ties = np.flatnonzero(np.r_[True, ranked[1:] > ranked[:-1]])
    bad, good = np.add.reduceat(probability, ties), np.add.reduceat(1 - probability, ties)
    below = np.cumsum(good) - good / 2
    return float(2 * bad @ below / (bad.sum() * good.sum()) - 1)


def oracle_share(truth: NDArray, score: NDArray) -> float:
    """Expected Gini of `score` as a share of that of the true probabilities, which none exceeds."""
    return expected_gini(truth, score) / expected_gini(truth, truth)


def auc_difference_interval(default: NDArray, score: NDArray, other: NDArray) -> Interval:
    """AUC of `score` less that of `other` on the same rows, with DeLong's paired interval."""
    return mean_auc_difference([(default, score, other)])


def auc_difference(default: NDArray, score: NDArray, other: NDArray) -> tuple[float, Significance]:
    """AUC of `score` less that of `other` on the same rows, with DeLong's paired test."""
    areas, covariance = _delong(default, np.stack([score, other]))
    difference = float(areas[0] - areas[1])
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    if variance <= 0:
        return difference, Significance(0.0, 1.0)
    z = difference / float(np.sqrt(variance))
    return difference, Significance(z, float(2 * norm.sf(abs(z))))


def mean_auc(folds: Sequence[tuple[NDArray, NDArray]]) -> Interval:
    """Mean AUC of test folds (default, score) that share no row, with DeLong's interval.

    That the folds' models learned from much the same rows is not in it.
    """
    found = [_delong(default, np.asarray(score)[None, :]) for default, score in folds]
    mean = float(np.mean([areas[0] for areas, _ in found]))
    half = NORMAL * _error([covariance[0, 0] for _, covariance in found])
    return Interval(mean, float(max(mean - half, 0)), float(min(mean + half, 1)))


def mean_auc_difference(folds: Sequence[tuple[NDArray, NDArray, NDArray]]) -> Interval:
    """Mean AUC of a score less that of another over test folds (default, score, other), paired."""
    found = [_delong(default, np.stack([score, other])) for default, score, other in folds]
    mean = float(np.mean([areas[0] - areas[1] for areas, _ in found]))
    variances = [max(c[0, 0] + c[1, 1] - 2 * c[0, 1], 0.0) for _, c in found]
    half = NORMAL * _error(variances)
    return Interval(mean, mean - half, mean + half)


def _error(variances: Sequence[float]) -> float:
    """Standard error of the mean of independent estimates."""
    return float(np.sqrt(np.sum(variances)) / len(variances))


def _delong(default: NDArray, scores: NDArray) -> tuple[NDArray, NDArray]:
    """AUC of each row of `scores` and their covariance, by midranks in O(n log n)."""
    bad = np.asarray(default, bool)
    defaults, others = int(bad.sum()), int((~bad).sum())
    if min(defaults, others) < 2:
        raise ValueError(f"{defaults} defaults and {others} others: an AUC needs two of each")
    midranks = rankdata(scores, axis=1)
    others_below = (midranks[:, bad] - rankdata(scores[:, bad], axis=1)) / others
    bad_below = (midranks[:, ~bad] - rankdata(scores[:, ~bad], axis=1)) / defaults
    covariance = np.cov(others_below) / defaults + np.cov(bad_below) / others
    return others_below.mean(axis=1), covariance.reshape(len(scores), len(scores))


def kolmogorov_smirnov(default: NDArray, score: NDArray) -> float:
    """Largest distance between the score distributions of defaults and others."""
    bad = np.asarray(default, bool)
    return float(ks_2samp(score[bad], score[~bad]).statistic)


def bootstrap_interval(
    statistic: Callable[..., float],
    buyers: NDArray,
    *columns: NDArray,
    draws: int,
) -> Interval:
    """Percentile interval of `statistic(*columns)` when whole buyers are drawn again.

    Rows of one buyer depend on each other; drawing buyers keeps that. A draw on which the
    statistic is undefined (ValueError or NaN) is left out.
    """
    order = np.argsort(buyers, kind="stable")
    _, start, size = np.unique(buyers[order], return_index=True, return_counts=True)
    rng = np.random.default_rng(0)
    values = []
    for _ in range(draws):
        drawn = rng.integers(len(start), size=len(start))
        rows = order[_ranges(start[drawn], size[drawn])]
        try:
            values.append(statistic(*(column[rows] for column in columns)))
        except ValueError:
            continue
    low, high = np.nanquantile(values, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2])
    return Interval(float(statistic(*columns)), float(low), float(high))


def _ranges(start: NDArray[np.int64], size: NDArray[np.int64]) -> NDArray[np.int64]:
    """start[0] … start[0] + size[0] − 1, start[1] …, one after the other."""
    before = np.cumsum(size) - size
    return np.arange(size.sum()) + np.repeat(start - before, size)
