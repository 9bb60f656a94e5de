"""Calibration: do probabilities mean what they say? Fitting the line, and testing it.

`default` is 0/1 (n,); `default_probability` lies in [0, 1] (n,). Sources: domain notes 3.5, 3.9.
"""

from typing import NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtr, ndtri
from scipy.stats import binom, chi2, norm
from statsmodels.stats.multitest import multipletests

from training.statistics.discrimination import Significance


class Line(NamedTuple):
    """An affine map of log-odds: intercept + slope × log-odds."""

    slope: float
    intercept: float


def logistic_line(default: NDArray, log_odds: NDArray) -> Line:
    """Logistic regression of `default` on `log_odds`: maximum likelihood, by Newton's method.

    Platt's calibration when it is fitted; the calibration slope and intercept when it is checked.
    ValueError where there is no unique answer: one class only, or classes that separate.
    """
    centre, spread = float(np.mean(log_odds)), float(np.std(log_odds)) or 1.0
    slope, level = _maximum_likelihood(np.asarray(default, float), (log_odds - centre) / spread)
    return Line(slope / spread, level - slope * centre / spread)


def _maximum_likelihood(default: NDArray, score: NDArray) -> tuple[float, float]:
    """Slope and level by Newton's method; `score` has mean 0 and spread 1."""
    design = np.column_stack([score, np.ones(len(score))])
    line = np.array([0.0, logit(default.mean())])
    for _ in range(50):
        fitted = expit(design @ line)
        hessian = (design * (fitted * (1 - fitted))[:, None]).T @ design
        if not np.linalg.cond(hessian) < 1e12:
            break
        step = np.linalg.solve(hessian, design.T @ (default - fitted))
        if np.abs(step).max() < 1e-9:
            return float(line[0]), float(line[1])
        while _likelihood(default, design @ (line + step)) < _likelihood(default, design @ line):
            step /= 2  # the likelihood is concave: some shorter step raises it
        if np.abs(step).max() < 1e-12:  # only rounding said that it would fall: we are there
            return float(line[0]), float(line[1])
        line += step
    raise ValueError(
        f"no calibration line: {int(default.sum())} defaults in {len(default)} rows, and their "
        "log-odds are all equal or part them from the others without error; give the model more to "
        "learn from (topics, trees, rows)"
    )


def _likelihood(default: NDArray, log_odds: NDArray) -> float:
    """Log-likelihood of independent outcomes."""
    return float((default * log_odds - np.logaddexp(0, log_odds)).sum())


def calibration_line(default: NDArray, default_probability: NDArray) -> Line:
    """Slope and intercept of observed on predicted log-odds (Cox 1958); 1 and 0 are perfect."""
    return logistic_line(default, logit(np.clip(default_probability, 1e-12, 1 - 1e-12)))


def binomial_p_value(
    rows: int, defaults: int, default_probability: float, correlation: float = 0.0
) -> float:
    """P(at least this many defaults); `correlation` of assets makes them come together (Vasicek).

    >>> round(binomial_p_value(1000, 25, 0.02), 4)
    0.1545
    """
    factor, weight = hermegauss(64)
    shifted = ndtri(default_probability) - np.sqrt(correlation) * factor
    given = ndtr(shifted / np.sqrt(1 - correlation))
    return float(weight @ binom.sf(defaults - 1, rows, given) / weight.sum())


def hosmer_lemeshow(
    default: NDArray, default_probability: NDArray, groups: int = 10
) -> Significance:
    """Hosmer-Lemeshow chi-squared over quantile groups of rows that the model did not learn from:
    as many degrees of freedom as groups."""
    rows, expected, observed = by_quantile(default, default_probability, groups)
    statistic = float(((observed - expected) ** 2 / (expected * (1 - expected / rows))).sum())
    return Significance(statistic, float(chi2.sf(statistic, len(rows))))


def spiegelhalter(default: NDArray, default_probability: NDArray) -> Significance:
    """Spiegelhalter's z (1986): the Brier score against what the probabilities themselves expect;
    two-sided."""
    weight = 1 - 2 * default_probability
    variance = (weight**2 * default_probability * (1 - default_probability)).sum()
    z = float(((default - default_probability) * weight).sum() / np.sqrt(variance))
    return Significance(z, float(2 * norm.sf(abs(z))))


def brier_skill(default: NDArray, default_probability: NDArray) -> float:
    """Share of the Brier score of the constant base rate that the model removes."""
    return 1 - float(np.mean((default - default_probability) ** 2) / np.var(default))


class BrierParts(NamedTuple):
    """Murphy (1973): Brier = reliability − resolution + uncertainty."""

    reliability: float
    resolution: float
    uncertainty: float


def brier_parts(default: NDArray, default_probability: NDArray, bins: int = 10) -> BrierParts:
    """Decomposition of the Brier score, probabilities averaged within quantile bins."""
    rows, expected, observed = by_quantile(default, default_probability, bins)
    share, base = rows / len(default), float(np.mean(default))
    return BrierParts(
        float(share @ ((expected - observed) / rows) ** 2),
        float(share @ (observed / rows - base) ** 2),
        base * (1 - base),
    )


def calibration_error(default: NDArray, default_probability: NDArray, bins: int = 10) -> float:
    """Expected calibration error over quantile bins: mean distance of observed and predicted."""
    rows, expected, observed = by_quantile(default, default_probability, bins)
    return float(np.abs(expected - observed).sum() / rows.sum())


def by_quantile(default: NDArray, p: NDArray, bins: int) -> tuple[NDArray, NDArray, NDArray]:
    """Rows, expected and observed defaults of each quantile bin; equal values share a bin."""
    edges = np.unique(np.quantile(p, np.linspace(0, 1, bins + 1)[1:-1]))
    place = np.searchsorted(edges, p, "right")
    filled = np.flatnonzero(np.bincount(place))
    rows, expected, observed = (np.bincount(place, w)[filled] for w in (None, p, default))
    return rows, expected, observed


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """p-values adjusted for being many (Holm 1979)."""
    return multipletests(p_values, method="holm")[1]
