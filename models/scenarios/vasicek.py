"""Default probabilities under a shock to the economy: the single-factor model of Vasicek (2002).

A firm defaults when sqrt(rho) z + sqrt(1 - rho) e falls below Phi^-1(PD): z is the economy (up is
good), e the firm alone, both standard normal, rho the correlation of assets. PD is the mean over z,
not the probability at z = 0: a shock of zero must start from z*, where the model gives PD back.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

Floats = NDArray[np.float64]


def shocked(default_probability: ArrayLike, correlation: ArrayLike, shock: ArrayLike) -> Floats:
    """Default probability after a `shock` (standard deviations, negative is bad) from z*.

    Phi((Phi^-1(PD) - sqrt(rho) (z* + shock)) / sqrt(1 - rho)), in closed form; exactly PD where the
    shock is zero, never below it where the shock is bad. Order within one correlation and shock is
    kept.

    >>> round(float(shocked(0.02, 0.20, -2.0)), 5)
    0.146
    """
    probability = np.asarray(default_probability, np.float64)
    rho, shift = np.asarray(correlation, np.float64), np.asarray(shock, np.float64)
    moved = ndtr(ndtri(probability) - np.sqrt(rho / (1 - rho)) * shift)
    worse = np.where(shift < 0, np.maximum(moved, probability), np.minimum(moved, probability))
    return np.where(shift == 0, probability, worse)
