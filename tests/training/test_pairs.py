import numpy as np
import pytest
from numpy.typing import NDArray

from training.pairs import Pair, best_pairs, pair_columns


def drawn(signal, rows: int = 2000, columns: int = 6) -> tuple[NDArray, NDArray]:
    """Lognormal amounts, and a rare outcome where `signal` is largest."""
    matrix = np.exp(np.random.default_rng(0).normal(size=(rows, columns)))
    return matrix, signal(matrix) > np.quantile(signal(matrix), 0.9)


def test_columns_of_pairs() -> None:
    matrix = np.array([[1.0, 2.0], [3.0, 0.0], [np.nan, 1.0]])
    got = pair_columns(matrix, [Pair(0, 1, "difference"), Pair(0, 1, "quotient")])
    np.testing.assert_array_equal(got, [[-1, 0.5], [3, np.nan], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        (lambda m: m[:, 1] / m[:, 4], Pair(1, 4, "quotient")),
        (lambda m: m[:, 0] - m[:, 3], Pair(0, 3, "difference")),
    ],
)
def test_the_pair_that_tells_is_found(signal, expected: Pair) -> None:
    found = best_pairs(*drawn(signal), most=5)
    assert found[0] == expected
    assert len(found) == 5
    assert found == best_pairs(*drawn(signal), most=5)


def test_of_many_columns_those_that_tell_are_paired() -> None:
    matrix, default = drawn(lambda m: m[:, 90] / m[:, 95], rows=1500, columns=100)
    assert best_pairs(matrix, default, most=1) == (Pair(90, 95, "quotient"),)
