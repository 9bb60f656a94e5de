"""Compiled code and scipy mean the same normal distribution."""

import numpy as np
import scipy.special
from numba import njit

from models.limits.normal import ndtr, ndtri


@njit
def there_and_back(x: float) -> tuple[float, float]:
    p = ndtr(x, 0)
    return p, ndtri(p, 0)


def test_it_is_scipys_to_the_last_bit() -> None:
    for x in np.linspace(-8, 8, 321):
        p, back = there_and_back(x)
        assert p == scipy.special.ndtr(x)
        assert back == scipy.special.ndtri(p)


def test_certainty_is_infinitely_far() -> None:
    assert there_and_back(-40.0) == (0.0, -np.inf)
    assert there_and_back(40.0) == (1.0, np.inf)
