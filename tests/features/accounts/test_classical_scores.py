"""Golden values: worked examples of the published formulas."""

import numpy as np
import pytest

from features.accounts.classical_scores import (
    altman_z_general,
    altman_z_private,
    conan_holder,
    ohlson,
    zmijewski,
)
from features.accounts.statements import ACCOUNTS


def year(**items: float) -> np.void:
    """Accounts of a year of which only some items are known."""
    row = np.full(1, np.nan, ACCOUNTS)[0]
    for item, amount in items.items():
        row[item] = amount
    return row


AMOUNTS = {
    "current_assets": 500.0,
    "current_liabilities": 300.0,
    "working_capital": 200.0,
    "total_assets": 1000.0,
    "retained_earnings": 150.0,
    "ebit": 80.0,
    "equity": 350.0,
    "total_liabilities": 650.0,
    "revenue": 1200.0,
    "net_income": 40.0,
    "operating_cash_flow": 90.0,
}
EXAMPLE = year(**AMOUNTS)
SIZE_TERM = -0.407 * 10  # of the published example, with ln(total assets / price index) = 10


def test_altman():
    assert altman_z_private(EXAMPLE) == pytest.approx(1.942764, abs=1e-6)
    assert altman_z_general(EXAMPLE) == pytest.approx(2.903985, abs=1e-6)


def test_zmijewski():
    assert zmijewski(EXAMPLE) == pytest.approx(-0.818503, abs=1e-6)


def test_ohlson_without_the_size_term():
    score = ohlson(EXAMPLE, 30.0)
    assert score + SIZE_TERM == pytest.approx(-2.133693, abs=1e-6)


def test_ohlson_counts_insolvency_and_two_losses():
    ruined = year(**AMOUNTS | {"net_income": -40.0, "total_liabilities": 1100.0})
    once, twice = (ohlson(ruined, before) for before in (40.0, -40.0))
    by_hand = -1.32 + 6.03 * 1.1 - 1.43 * 0.2 + 0.0757 * 0.6 - 1.72 + 2.37 * 0.04 - 1.83 * 90 / 1100
    assert once == pytest.approx(by_hand + 0.521)
    assert twice == pytest.approx(by_hand + 0.285)


def test_conan_holder():
    accounts = year(
        ebitda=130.0,
        total_liabilities=650.0,
        permanent_capital=600.0,
        liquid_assets=350.0,
        interest=12.0,
        revenue=1200.0,
        personnel=300.0,
        value_added=450.0,
        total_assets=1000.0,
    )
    assert conan_holder(accounts) == pytest.approx(16.0633, abs=1e-4)


def test_published_accounts_reach_the_scores(of_accounts):
    year = {
        "current_assets": 500.0,
        "inventory": 150.0,
        "receivables": 280.0,
        "cash": 70.0,
        "current_liabilities": 400.0,
        "total_assets": 1000.0,
        "retained_earnings": 150.0,
        "equity": 350.0,
        "total_liabilities": 650.0,
        "revenue": 1200.0,
        "ebitda": 130.0,
        "depreciation": 50.0,
        "personnel": 320.0,
        "interest": 12.0,
        "net_income": 40.0,
    }
    got = of_accounts(year, {"net_income": 30.0})
    assert got["altman_z_private"] == pytest.approx(
        0.717 * 0.1 + 0.847 * 0.15 + 3.107 * 0.08 + 0.420 * 350 / 650 + 0.998 * 1.2
    )
    # value added = EBITDA + personnel = 450, permanent capital = 600, cash flow = 90
    assert got["conan_holder"] == pytest.approx(
        24 * 0.2 + 22 * 0.6 + 16 * 0.35 - 87 * 0.01 - 10 * 320 / 450
    )
    assert got["ohlson"] == pytest.approx(
        -1.32 + 6.03 * 0.65 - 1.43 * 0.1 + 0.0757 * 0.8 - 2.37 * 0.04 - 1.83 * 90 / 650 - 0.521 / 7
    )


def test_a_score_with_a_missing_term_is_missing(of_accounts):
    got = of_accounts({"total_assets": 100.0, "equity": 20.0, "net_income": 3.0})
    assert np.isnan(got["altman_z_private"])
    assert np.isnan(got["zmijewski"])
