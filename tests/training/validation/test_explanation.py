import numpy as np
import pytest

from training.validation.explanation import overlap


def test_overlap_is_the_share_of_the_top_three_kept_in_any_order() -> None:
    one = np.array([[9.0, 8, 7, 1, 0], [9.0, 8, 7, 1, 0]])
    other = np.array([[7.0, 9, 8, 0, 1], [0.0, 1, 9, 8, 7]])
    assert overlap(one, other) == pytest.approx([1.0, 1 / 3])
