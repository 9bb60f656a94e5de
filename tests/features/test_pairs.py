import numpy as np
import pytest

from features.pairs import occurs_within, pair, unpair


def test_pairs_sort_and_come_back() -> None:
    buyer, as_of = np.array([0, 0, 3]), np.array([-5, 19_723, 7], np.int32)
    pairs = pair(buyer, as_of)
    assert (np.diff(pairs) > 0).all()
    for there, back in zip((buyer, as_of), unpair(pairs), strict=True):
        assert np.array_equal(there, back)


@pytest.mark.parametrize(("after", "expected"), [(9, True), (10, False), (6, False), (7, True)])
def test_a_window_is_open_on_the_left_and_closed_on_the_right(after: int, expected: bool) -> None:
    seen = pair(np.array([1]), np.array([10]))
    assert occurs_within(seen, pair(np.array([1]), np.array([after])), 3)[0] == expected
    assert not occurs_within(seen, pair(np.array([0]), np.array([after])), 3)[0]
