import numpy as np
import pytest

from features.accounts.growth import CHANGING, GROWING, SPANS

YEARS = [
    {"revenue": 120.0, "total_assets": 100.0, "equity": 40.0, "net_income": -3.0, "ebit": 2.0},
    {"revenue": 100.0, "total_assets": 80.0, "equity": 20.0, "net_income": 5.0, "ebit": 8.0},
    {"revenue": 80.0, "total_assets": 80.0, "equity": 16.0, "net_income": -1.0, "ebit": 4.0},
    {"revenue": 100.0, "total_assets": 50.0, "equity": -5.0, "net_income": None, "ebit": 4.0},
]


def test_growth_over_one_two_and_three_years(of_accounts):
    got = of_accounts(*YEARS)
    growth = [got[f"revenue_growth_{span}y"] for span, *_ in SPANS]
    assert growth == pytest.approx([0.2, 0.5, 0.2])


def test_growth_from_negative_equity_is_missing(of_accounts):
    got = of_accounts(*YEARS)
    assert got["equity_growth_1y"] == 1.0
    assert np.isnan(got["equity_growth_3y"])


def test_change_of_a_ratio(of_accounts):
    got = of_accounts(*YEARS)
    changes = [got[f"equity_ratio_change_{span}y"] for span, *_ in SPANS]
    assert changes == pytest.approx([0.15, 0.2, 0.5])


def test_volatility_is_the_deviation_over_the_years_known(of_accounts):
    got = of_accounts(*YEARS)
    returns = [0.02, 0.1, 0.05, 0.08]
    assert got["operating_return_on_assets_deviation"] == pytest.approx(np.std(returns, ddof=1))
    growths = [0.2, 0.25, -0.2]
    assert got["revenue_growth_deviation"] == pytest.approx(np.std(growths, ddof=1))


def test_years_with_a_loss_count_what_is_known(of_accounts):
    assert of_accounts(*YEARS)["loss_years"] == 2
    assert of_accounts(YEARS[1])["loss_years"] == 0


def test_one_year_alone_has_no_past(of_accounts):
    got = of_accounts(YEARS[0])
    past = [f"{item}_growth_{span}y" for item in GROWING for span, *_ in SPANS]
    past += [f"{name}_change_{span}y" for name in CHANGING for span, *_ in SPANS]
    assert np.isnan([got[name] for name in past]).all()
