import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.limits.loss import (
    asset_correlation,
    capital_requirement,
    expected_loss,
    indemnity,
    insurer_expected_loss,
    premium_position,
    return_on_capital,
    sales_to_recover,
    technical_premium_rate,
)

probabilities = st.floats(0.0003, 0.9999)
shares = st.floats(0.05, 1.0)


def test_expected_loss_gross_and_net_of_the_insured_share() -> None:
    assert expected_loss(0.02, 0.60, 100_000) == pytest.approx(1_200)
    net = insurer_expected_loss(0.02, 0.60, 100_000, 100_000, insured_share=0.90)
    assert net == pytest.approx(1_080)


def test_the_insurer_pays_within_the_limit_and_beyond_the_deductible() -> None:
    paid = indemnity(np.array([500.0, 50_000, 300_000]), 100_000.0, 0.90, deductible=1_000)
    np.testing.assert_allclose(paid, [0, 44_000, 89_000])
    half_covered = insurer_expected_loss(0.02, 0.60, 200_000, 100_000, insured_share=0.90)
    assert half_covered == pytest.approx(1_080)
    nothing = insurer_expected_loss(
        0.02, 0.60, 1_000, 100_000, insured_share=0.90, deductible=1_000
    )
    assert nothing == 0


def test_technical_premium_is_a_share_of_turnover() -> None:
    rate = technical_premium_rate(1_080.0, np.array([600_000.0, 0.0, np.nan]), loading=1.6)
    assert rate[0] == pytest.approx(0.00288)
    assert np.isnan(rate[1:]).all()


@pytest.mark.parametrize(
    ("rate", "position"),
    [(0.0009, "below"), (0.001, "within"), (0.01, "within"), (0.0101, "above")],
)
def test_a_premium_is_placed_against_the_usual_ones(rate: float, position: str) -> None:
    assert premium_position(rate) == position


def test_ten_thousand_lost_at_ten_percent_take_a_hundred_thousand_of_sales() -> None:
    assert sales_to_recover(10_000, margin=0.10) == pytest.approx(100_000)
    with pytest.raises(ValueError, match=r"margin is 10"):
        sales_to_recover(10_000, margin=10)


def test_capital_matches_the_published_formula() -> None:
    assert asset_correlation(0.01) == pytest.approx(0.192784, abs=1e-6)
    assert capital_requirement(0.01, 0.40) == pytest.approx(0.052109, abs=1e-6)
    assert capital_requirement(0.01, 0.40, turnover=5e6) == pytest.approx(0.040864, abs=1e-6)
    assert capital_requirement(0.05, 0.40) == pytest.approx(0.093795, abs=1e-6)


def test_the_size_term_ends_at_fifty_million() -> None:
    assert asset_correlation(0.01, turnover=50e6) == pytest.approx(asset_correlation(0.01))
    assert asset_correlation(0.01, turnover=1e6) == asset_correlation(0.01, turnover=5e6)
    assert asset_correlation(0.01, turnover=5e6) == pytest.approx(0.192784 - 0.04, abs=1e-6)


def test_a_longer_maturity_asks_more_capital() -> None:
    # Two and a half years: the numerator of the adjustment is 1, only 1 - 1.5 b remains.
    slope = (0.11852 - 0.05478 * np.log(0.01)) ** 2
    expected = 0.052109 / (1 - 1.5 * slope)
    assert capital_requirement(0.01, 0.40, maturity=2.5) == pytest.approx(expected, rel=1e-4)


def test_return_is_what_is_left_on_capital() -> None:
    assert return_on_capital(0.05, 0.008, 0.012, 0.06) == pytest.approx(0.5)


@given(probabilities, probabilities, shares, shares)
def test_expected_loss_plus_hurdle_on_capital_rises_with_risk(
    one: float, other: float, lgd: float, hurdle: float
) -> None:
    """What keeps the return candidate of the limit engine monotone: capital alone is not."""
    low, high = sorted((one, other))

    def charge(probability: float) -> float:
        return float(probability * lgd + hurdle * capital_requirement(probability, lgd))

    assert charge(low) <= charge(high) + 1e-12
    assert capital_requirement(0.31, 0.5) > capital_requirement(0.9, 0.5)
