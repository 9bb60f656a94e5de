import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from models.drivers.lanes import WIDTH, load, spread, store


@njit
def combine(rows, number):
    a, b = load(rows, 0), load(rows, 1)
    store(rows, 2, a + b * spread(number) - a * a)


def test_lanes_compute_what_numpy_does_to_the_bit():
    rows = np.random.default_rng(0).normal(size=(4, WIDTH))
    before = rows.copy()
    combine(rows, 0.1)
    expected = before[0] + before[1] * 0.1 - before[0] * before[0]
    assert rows[2].tobytes() == expected.tobytes()
    assert rows[[0, 1, 3]].tobytes() == before[[0, 1, 3]].tobytes()


@pytest.mark.parametrize("rows", [np.zeros((4, 8), np.float32), np.zeros((8, 4)).T])
def test_rows_of_another_kind_are_refused(rows):
    with pytest.raises(TypingError, match="C-contiguous rows of 8 float64"):
        combine(rows, 1.0)
