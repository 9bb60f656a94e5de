import numpy as np
import pytest

VALUES = (150.0, 100.0, 125.0, 80.0)  # newest first
YEARS = [
    {"market_value": value, "total_assets": 200.0, "total_liabilities": 100.0, "net_income": 5.0}
    for value in VALUES
]


def test_market_value_over_time(of_accounts):
    got = of_accounts(*YEARS)
    growth = [got[f"market_value_growth_{span}y"] for span in (1, 2, 3)]
    assert growth == pytest.approx([0.5, 0.2, 0.875])


def test_the_peak_is_of_the_years_known(of_accounts):
    fallen = [{"market_value": value} for value in (60.0, 100.0, 120.0)]
    assert of_accounts(*fallen)["market_value_to_peak"] == 0.5
    assert of_accounts(fallen[0])["market_value_to_peak"] == 1


def test_distance_to_default_is_the_naive_one_of_bharath_and_shumway(of_accounts):
    changes = -np.diff(np.log(VALUES))
    equity, debt = 150.0, 100.0
    of_equity = np.std(changes, ddof=1)
    of_assets = (equity * of_equity + debt * (0.05 + 0.25 * of_equity)) / (equity + debt)
    distance = (np.log(250 / 100) + changes[0] - of_assets**2 / 2) / of_assets
    assert of_accounts(*YEARS)["distance_to_default"] == pytest.approx(distance)


def test_a_lower_market_value_is_a_shorter_distance(of_accounts):
    fallen = of_accounts(YEARS[0] | {"market_value": 50.0}, *YEARS[1:])
    assert fallen["distance_to_default"] < of_accounts(*YEARS)["distance_to_default"]
    assert fallen["market_to_liabilities"] == 0.5


def test_an_unlisted_buyer_has_no_market_ratios(of_accounts):
    got = of_accounts({"total_assets": 200.0, "total_liabilities": 100.0, "net_income": 5.0})
    names = ("market_to_liabilities", "market_to_book", "distance_to_default", "log_market_value")
    assert np.isnan([got[name] for name in names]).all()
