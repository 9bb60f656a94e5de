"""Both sides of a limit, by hand."""

import numpy as np
import pytest

from training.history import History
from training.measure import measure


def test_both_sides_of_a_limit(three_buyers: History) -> None:
    found = measure(three_buyers, three_buyers.limit, three_buyers.limit, draws=50)
    assert found.granted == 125
    assert found.losses == 12.5  # half of the 25 within the limit
    assert found.sales_refused == 750 + 2_000
    assert found.avoided.value == pytest.approx(1 - 12.5 / 40)
    assert found.refused.value == pytest.approx(2_750 / 4_000)
    assert found.avoided_per_refused.value == pytest.approx(27.5 / 2_750)
    assert found.ours_avoids_more == (0, 0, 0)
    assert found.ours_avoids_more_per_refused == (0, 0, 0)


def test_beside_another_rule(three_buyers: History) -> None:
    flat = np.full(3, 50.0)
    found = measure(three_buyers, flat, three_buyers.limit, draws=50)
    assert found.losses == 25
    assert found.ours_avoids_more.value == pytest.approx((25 - 12.5) / 40)
    assert found.ours_refuses_more.value == pytest.approx((2_750 - 2_500) / 4_000)
    ours, theirs = 27.5 / 2_750, 15 / 2_500
    assert found.ours_avoids_more_per_refused.value == pytest.approx(ours - theirs)
    assert found.avoided.low <= found.avoided.value <= found.avoided.high
