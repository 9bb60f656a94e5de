import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.statistics.stability import (
    bin_counts,
    herfindahl,
    matrix_weighted_bandwidth,
    migration_matrix,
    psi,
    psi_bound,
)


@pytest.mark.parametrize(
    ("rows", "bound"), [(500, 0.0677), (1000, 0.0338), (5000, 0.00677), (20_000, 0.00169)]
)
def test_bound_golden_values(rows: int, bound: float) -> None:
    """Domain notes 3.9, ten bins."""
    assert psi_bound(10, rows, rows) == pytest.approx(bound, rel=0.005)


def test_without_a_shift_one_psi_in_twenty_exceeds_the_bound() -> None:
    rng = np.random.default_rng(0)
    draws = rng.multinomial(1000, np.full(10, 0.1), size=(4000, 2))
    above = np.mean([psi(*pair) > psi_bound(10, 1000, 1000) for pair in draws])
    assert above == pytest.approx(0.05, abs=0.012)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=12), st.integers(2, 9))
def test_psi_is_nought_for_equal_shares_and_never_negative(counts: list[int], factor: int) -> None:
    assert psi(counts, np.multiply(counts, factor)) == pytest.approx(0)
    assert psi(counts, counts[::-1]) >= 0


def test_an_empty_bin_is_finite() -> None:
    assert 0 < psi([50, 50], [100, 0]) < 10


def test_bins_are_frozen_on_the_reference_and_missing_has_its_own() -> None:
    reference = np.arange(100.0)
    current = np.r_[np.full(30, 1e6), np.full(10, np.nan), np.zeros(60)]
    before, after = bin_counts(reference, current, bins=4)
    assert before.tolist() == [25, 25, 25, 25, 0]
    assert after.tolist() == [60, 0, 0, 30, 10]


def test_a_feature_never_seen_before_is_one_bin() -> None:
    before, after = bin_counts(np.full(3, np.nan), np.array([1.0, np.nan]))
    assert (before.tolist(), after.tolist()) == ([0, 3], [1, 1])


def test_migration_counts_pairs() -> None:
    matrix = migration_matrix(np.array([0, 0, 2]), np.array([0, 1, 0]), 3)
    assert matrix.tolist() == [[1, 1, 0], [0, 0, 0], [1, 0, 0]]


def test_bandwidth_by_hand() -> None:
    """One of two movers to worse goes one of two steps, one all of two: 3 of 4."""
    matrix = np.array([[5, 1, 1], [0, 9, 0], [0, 2, 7]])
    assert matrix_weighted_bandwidth(matrix) == (3 / 4, 2 / 4)
    assert matrix_weighted_bandwidth(np.eye(3)) == (0, 0)


def test_concentration() -> None:
    assert herfindahl(np.ones(8)) == pytest.approx(1 / 8)
    assert herfindahl([7, 0, 0]) == 1
