import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from models.scenarios.vasicek import shocked

probabilities = st.floats(1e-5, 0.9)
correlations = st.floats(0.02, 0.6)
shocks = st.floats(-5, 5)


def conditional(probability, rho, factor):
    """The published formula: the probability once the economy is known to be at `factor`."""
    return ndtr((ndtri(probability) - np.sqrt(rho) * factor) / np.sqrt(1 - rho))


def neutral_factor(probability: float, rho: float) -> float:
    """z*, the state of the economy in which the probability is what it is on average."""
    return ndtri(probability) * (1 - np.sqrt(1 - rho)) / np.sqrt(rho)


@pytest.mark.parametrize(
    ("factor", "percent"),
    [(-2.0, [0.991, 4.081, 7.342, 15.508]), (-3.0902, [2.699, 9.032, 14.728, 27.017])],
)
def test_conditional_probabilities_of_the_published_formula(
    factor: float, percent: list[float]
) -> None:
    found = 100 * conditional([0.002, 0.01, 0.02, 0.05], 0.12, factor)
    np.testing.assert_allclose(found, percent, atol=6e-4)


def test_the_probability_is_the_mean_over_states_not_that_of_the_middle_one() -> None:
    assert conditional(0.02, 0.20, 0.0) == pytest.approx(0.01083, abs=1e-5)
    assert neutral_factor(0.02, 0.20) == pytest.approx(-0.48482, abs=1e-5)
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    mean = conditional(0.02, 0.20, nodes) @ weights / weights.sum()
    assert mean == pytest.approx(0.02, rel=1e-9)


@given(probabilities, correlations, shocks)
def test_a_shock_is_the_formula_from_where_it_gives_the_probability_back(p, rho, shock) -> None:
    from_neutral = conditional(p, rho, neutral_factor(p, rho) + shock)
    assert shocked(p, rho, shock) == pytest.approx(float(from_neutral), rel=1e-8, abs=1e-12)


@given(st.floats(0, 1), correlations)
def test_no_shock_gives_the_same_bits(p, rho) -> None:
    assert shocked(p, rho, 0.0) == p
    assert shocked(p, rho, -0.0) == p


@given(probabilities, correlations, shocks, shocks)
def test_a_worse_shock_never_lowers_the_probability(p, rho, one, other) -> None:
    worse, better = sorted((one, other))
    assert shocked(p, rho, worse) >= shocked(p, rho, better)


@given(st.lists(probabilities, min_size=2), correlations, shocks)
def test_ranks_hold_within_one_correlation(ps, rho, shock) -> None:
    assert (np.diff(shocked(np.sort(ps), rho, shock)) >= 0).all()


def test_an_unknown_probability_stays_unknown() -> None:
    assert np.isnan(shocked(np.nan, 0.12, -2.0))
