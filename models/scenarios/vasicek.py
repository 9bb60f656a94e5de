"""Default probabilities under a shock to the economy: the single-factor model of Vasicek (2002).

A firm defaults when sqrt(rho) z + sqrt(1 - rho) e falls below Phi^-1(PD): z is the economy (up is
good), e the firm alone, both standard normal, rho the correlation of assets. PD is the mean over z,
not the probability at z = 0: a shock of zero must start from z*, where the model gives PD back.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]


def conditional(
    default_probability: ArrayLike, correlation: ArrayLike, factor: ArrayLike
) -> Floats:
    """Default probability once the economy is known to be at `factor`.

    >>> round(float(conditional(0.02, 0.20, 0.0)), 5)  # below 2 %, the mean over all states
    0.01083
    """
    threshold = ndtri(np.asarray(default_probability, np.float64))
    rho = np.asarray(correlation, np.float64)
    return np.asarray(ndtr((threshold - np.sqrt(rho) * factor) / np.sqrt(1 - rho)))


def neutral_factor(default_probability: ArrayLike, correlation: ArrayLike) -> Floats:
    """z*, the state of the economy in which the probability is what it is on average.

    >>> round(float(neutral_factor(0.02, 0.20)), 5)
    -0.48482
    """
    threshold = ndtri(np.asarray(default_probability, np.float64))
    rho = np.asarray(correlation, np.float64)
    return np.asarray(threshold * (1 - np.sqrt(1 - rho)) / np.sqrt(rho))


def shocked(default_probability: ArrayLike, correlation: ArrayLike, shock: ArrayLike) -> Floats:
    """Default probability after a `shock` (standard deviations, negative is bad) from z*.

    conditional(PD, rho, z* + shock), in closed form; exactly PD where the shock is zero, never
    below it where the shock is bad. Order within one correlation and shock is kept.

    >>> round(float(shocked(0.02, 0.20, -2.0)), 5)
    0.146
    """
    probability = np.asarray(default_probability, np.float64)
    rho, shift = np.asarray(correlation, np.float64), np.asarray(shock, np.float64)
    moved = ndtr(ndtri(probability) - np.sqrt(rho / (1 - rho)) * shift)
    worse = np.where(shift < 0, np.maximum(moved, probability), np.minimum(moved, probability))
    return np.where(shift == 0, probability, worse)
