import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.parallel import over_slices


@given(st.integers(0, 1000), st.integers(1, 400))
def test_slices_cover_the_whole_in_order_and_are_worth_it(size, at_least):
    slices = over_slices(lambda part: part, size, at_least)
    assert [row for part in slices for row in range(size)[part]] == list(range(size))
    assert all(part.stop - part.start >= min(at_least, size) for part in slices)


def test_an_error_in_a_slice_comes_through():
    def fail(part: slice) -> None:
        raise ValueError(part.start)

    with pytest.raises(ValueError, match="0"):
        over_slices(fail, 1000, 1)


def test_work_inside_a_slice_is_not_sliced_again():
    within = over_slices(lambda part: over_slices(lambda inner: inner, 100, 1), 1000, 1)
    assert len(within) == 1 or all(len(inner) == 1 for inner in within)
