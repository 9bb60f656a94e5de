"""The ratios of the accounts of one year, of all families."""

import numpy as np
from numba import njit

from features.accounts import activity, leverage, liquidity, profitability

FAMILIES = (liquidity, leverage, profitability, activity)
FEATURES = tuple(feature for family in FAMILIES for feature in family.FEATURES)
NAMES = tuple(feature.name for feature in FEATURES)
RATIOS = np.dtype([(name, np.float64) for name in NAMES])

_liquidity, _leverage = liquidity.write, leverage.write
_profitability, _activity = profitability.write, activity.write


@njit(cache=True, nogil=True)
def write(of: np.void, out: np.void) -> None:
    """Write the ratios (RATIOS) of the accounts of a year (ACCOUNTS)."""
    _liquidity(of, out)
    _leverage(of, out)
    _profitability(of, out)
    _activity(of, out)
