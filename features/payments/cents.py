"""Money as whole cents, so that sums are exact."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True, forceinline=True)
def to_cents(amount: float) -> int:
    """Whole cents, half to even; the amount must be finite.

    >>> to_cents(12.345), to_cents(-0.5)
    (1234, -50)
    """
    return int(np.rint(amount * 100.0))
