import numpy as np
import pytest

from features.payments.payment_sums import RINGS, SUMS, WINDOW_DAYS, Sum, accumulate


def test_windows_hold_their_rings():
    sums = np.ones((RINGS, SUMS), np.int64)
    accumulate(sums)
    np.testing.assert_array_equal(sums[:, Sum.COUNT], [1, 2, 3, 4])


@pytest.mark.parametrize("column", [Sum.MOST_DAYS, Sum.LARGEST])
def test_a_maximum_is_not_added_up(column):
    sums = np.zeros((RINGS, SUMS), np.int64)
    sums[:, column] = [3, 7, 5, 9]
    accumulate(sums)
    np.testing.assert_array_equal(sums[:, column], [3, 7, 7, 9])


def test_windows_grow():
    assert list(WINDOW_DAYS) == sorted(set(WINDOW_DAYS))
