"""The ratios of one worked set of accounts, family by family, and their traps."""

import numpy as np
import pytest

from features.accounts import activity, leverage, liquidity, profitability

ACCOUNTS = {
    "current_assets": 500.0,
    "inventory": 150.0,
    "receivables": 240.0,
    "cash": 80.0,
    "total_assets": 1000.0,
    "payables": 120.0,
    "current_liabilities": 300.0,
    "financial_debt": 250.0,
    "total_liabilities": 650.0,
    "retained_earnings": 150.0,
    "equity": 350.0,
    "revenue": 1200.0,
    "cost_of_sales": 730.0,
    "personnel": 300.0,
    "ebitda": 130.0,
    "depreciation": 50.0,
    "ebit": 80.0,
    "interest": 16.0,
    "net_income": 40.0,
    "operating_cash_flow": 91.0,
    "market_value": 525.0,
}
EXPECTED = {
    "current_ratio": 500 / 300,
    "quick_ratio": 350 / 300,
    "cash_ratio": 80 / 300,
    "cash_to_assets": 0.08,
    "working_capital_to_assets": 0.2,
    "working_capital_to_revenue": 200 / 1200,
    "quick_assets_to_assets": 0.35,
    "cash_flow_to_current_liabilities": 91 / 300,
    "no_current_liabilities": 0,
    "equity_ratio": 0.35,
    "liabilities_to_assets": 0.65,
    "current_liabilities_to_assets": 0.3,
    "financial_debt_to_assets": 0.25,
    "debt_to_equity": 250 / 350,
    "liabilities_to_equity": 650 / 350,
    "equity_negative": 0,
    "debt_to_ebitda": 250 / 130,
    "net_debt_to_ebitda": 170 / 130,
    "ebitda_negative": 0,
    "cash_flow_to_liabilities": 0.14,
    "retained_earnings_to_assets": 0.15,
    "short_term_share_of_liabilities": 300 / 650,
    "return_on_assets": 0.04,
    "operating_return_on_assets": 0.08,
    "ebitda_to_assets": 0.13,
    "return_on_equity": 40 / 350,
    "gross_margin": 470 / 1200,
    "ebitda_margin": 130 / 1200,
    "operating_margin": 80 / 1200,
    "net_margin": 40 / 1200,
    "loss": 0,
    "no_revenue": 0,
    "interest_cover": 5,
    "interest_to_ebitda": 16 / 130,
    "interest_to_revenue": 16 / 1200,
    "no_interest": 0,
    "personnel_to_value_added": 300 / 430,
    "asset_turnover": 1.2,
    "days_sales_outstanding": 73,
    "days_inventory": 75,
    "days_payables": 60,
    "cash_cycle_days": 88,
    "payables_to_receivables": 0.5,
    "inventory_to_revenue": 0.125,
    "no_cost_of_sales": 0,
    "market_to_liabilities": 525 / 650,
    "market_to_book": 1.5,
    "market_to_assets": 0.525,
    "market_to_revenue": 525 / 1200,
    "earnings_yield": 40 / 525,
    "market_value_to_peak": 1,
    "return_on_market_assets": 40 / 1175,
    "log_total_assets": np.log(1000),
    "log_revenue": np.log(1200),
    "log_market_value": np.log(525),
    "net_worth": 350,
    "turnover": 1200,
}


def test_worked_example(of_accounts):
    got = of_accounts(ACCOUNTS)
    assert {name: got[name] for name in EXPECTED} == pytest.approx(EXPECTED)


def test_an_accounting_period_of_another_length_is_annualised(of_accounts):
    flows = ("revenue", "cost_of_sales", "personnel", "ebitda", "depreciation", "ebit", "interest")
    flows += ("net_income", "operating_cash_flow")
    long_year = ACCOUNTS | {"months": 18.0} | {name: 1.5 * ACCOUNTS[name] for name in flows}
    got = of_accounts(long_year)
    assert {name: got[name] for name in EXPECTED} == pytest.approx(EXPECTED)


@pytest.mark.parametrize(
    "left_out",
    ["equity", "total_liabilities", "ebit", "ebitda"],
)
def test_an_identity_fills_what_the_source_leaves_out(of_accounts, left_out):
    got = of_accounts(ACCOUNTS | {left_out: None})
    assert {name: got[name] for name in EXPECTED} == pytest.approx(EXPECTED)


def test_negative_equity_is_a_flag_and_never_a_low_gearing(of_accounts):
    got = of_accounts(ACCOUNTS | {"equity": -50.0, "net_income": -40.0})
    assert got["equity_negative"] == 1
    assert got["loss"] == 1
    assert got["net_worth"] == -50
    for trapped in ("debt_to_equity", "liabilities_to_equity", "return_on_equity"):
        assert np.isnan(got[trapped]), trapped


def test_negative_ebitda_is_a_flag_and_never_a_fast_repayment(of_accounts):
    got = of_accounts(ACCOUNTS | {"ebitda": -10.0})
    assert got["ebitda_negative"] == 1
    for trapped in ("debt_to_ebitda", "net_debt_to_ebitda", "interest_to_ebitda"):
        assert np.isnan(got[trapped]), trapped


def test_cash_covers_losses_for_a_while(of_accounts):
    assert np.isnan(of_accounts(ACCOUNTS)["cash_runway_years"])
    losing = of_accounts(ACCOUNTS | {"ebitda": -40.0})
    assert losing["cash_runway_years"] == (500 - 150 - 240) / 40


@pytest.mark.parametrize(
    ("item", "flag", "missing"),
    [
        ("revenue", "no_revenue", "net_margin"),
        ("interest", "no_interest", "interest_cover"),
        ("cost_of_sales", "no_cost_of_sales", "days_inventory"),
        ("current_liabilities", "no_current_liabilities", "current_ratio"),
    ],
)
def test_a_denominator_of_zero_is_flagged(of_accounts, item, flag, missing):
    got = of_accounts(ACCOUNTS | {item: 0.0})
    assert got[flag] == 1
    assert np.isnan(got[missing])


@pytest.mark.parametrize("family", [activity, leverage, liquidity, profitability])
def test_every_ratio_of_a_family_is_worked(family) -> None:
    elsewhere = {"cash_runway_years"}  # needs cash burned
    assert {feature.name for feature in family.FEATURES} - elsewhere <= set(EXPECTED)
