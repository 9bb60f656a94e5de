import numpy as np
import pytest

from features.payments.cents import to_cents


@pytest.mark.parametrize(
    ("amount", "cents"), [(0.1, 10), (-19.99, -1999), (0.125, 12), (0.375, 38), (1e10, 10**12)]
)
def test_cents_are_whole_and_round_half_to_even(amount, cents):
    assert to_cents(amount) == cents


def test_every_cent_up_to_ten_billion_comes_back():
    cents = np.random.default_rng(0).integers(-(10**12), 10**12, 1000)
    assert [to_cents(value / 100) for value in cents.tolist()] == cents.tolist()
