import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.arithmetic import dispersion, growth, logarithm, nil, ratio, to_cents

ANY = st.floats(allow_nan=True, allow_infinity=True, width=64)
COLUMNS = arrays(np.float64, (2, 7), elements=ANY)


@given(COLUMNS)
def test_no_operation_gives_infinity(columns):
    first, second = columns
    with np.errstate(over="ignore", invalid="ignore"):
        results = ratio(first, second), growth(first, second), logarithm(first)
    assert not np.isinf(results).any()


@given(COLUMNS)
def test_a_ratio_is_the_quotient_or_missing(columns):
    above, below = columns
    got = ratio(above, below)
    known = ~np.isnan(got)
    assert known[(np.abs(above) < below) & (below < np.inf)].all()
    assert (below[known] > 0).all()
    np.testing.assert_array_equal(got[known], above[known] / below[known])


@pytest.mark.parametrize("below", [0.0, -0.0, -5.0, np.nan, np.inf, 1e-12])
def test_a_denominator_not_above_zero_or_negligible_gives_no_ratio(below):
    assert np.isnan(ratio(1.0, below))


def test_nothing_over_something_small_is_nothing():
    assert ratio(0.0, 1e-12) == 0.0


def test_growth_from_a_loss_is_not_a_number():
    np.testing.assert_array_equal(
        growth(np.array([3.0, 3.0]), np.array([2.0, -2.0])), [0.5, np.nan]
    )


def test_nil_flags_what_cannot_be_a_denominator():
    amounts = np.array([0.0, -1.0, 1e-12, 1.0, np.nan])
    np.testing.assert_array_equal(nil(amounts, 1.0), [1, 1, 1, 0, np.nan])
    np.testing.assert_array_equal(nil(amounts, np.nan), [1, 1, 0, 0, np.nan])


@given(arrays(np.float64, 4, elements=st.floats(-1e6, 1e6) | st.just(np.nan)))
def test_dispersion_is_the_sample_deviation_of_what_is_known(years):
    known, got = years[~np.isnan(years)], dispersion(years)
    if len(known) < 3:
        assert np.isnan(got)
    else:
        assert got == pytest.approx(np.std(known, ddof=1), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize(
    ("amount", "cents"), [(0.1, 10), (-19.99, -1999), (0.125, 12), (0.375, 38), (1e10, 10**12)]
)
def test_cents_are_whole_and_round_half_to_even(amount, cents):
    assert to_cents(amount) == cents


def test_every_cent_up_to_ten_billion_comes_back():
    cents = np.random.default_rng(0).integers(-(10**12), 10**12, 1000)
    assert [to_cents(value / 100) for value in cents.tolist()] == cents.tolist()
