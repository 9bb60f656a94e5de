"""One buyer's accounts of 2022 and 2023, looked at on 30 June 2024."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from features.build import feature_matrix
from features.catalog import NAMES
from features.facts import Facts, Keys
from features.tables import TABLES
from features.what_if.accounts import (
    certify_accounts,
    devalue,
    lose_revenue,
    publish_accounts,
    raise_capital,
)

AS_OF = (date(2024, 6, 30) - date(1970, 1, 1)).days
ACCOUNTS = {
    "buyer_id": "B",
    "current_assets": 600.0,
    "cash": 50.0,
    "total_assets": 1000.0,
    "current_liabilities": 400.0,
    "total_liabilities": 700.0,
    "equity": 300.0,
    "revenue": 2000.0,
    "cost_of_sales": 1200.0,
    "ebitda": 150.0,
    "ebit": 100.0,
    "net_income": 60.0,
    "audited": False,
}


def facts_of(last: int = 2023, **changes: object) -> Facts:
    statements = [
        ACCOUNTS
        | {"closing_date": date(y, 12, 31), "available_at": date(y + 1, 4, 30), "currency": "EUR"}
        | changes
        for y in (last - 1, last)
    ]
    rows = {
        "buyers": [{"buyer_id": "B", "country": "FR"}],
        "statements": statements,
        "fx": [
            {"currency": currency, "quoted_on": date(2024, 1, 1), "rate": rate}
            for currency, rate in (("GBP", 1.2), ("USD", 0.9))
        ],
    }
    return Facts.of(
        {name: pa.Table.from_pylist(given, TABLES[name].schema) for name, given in rows.items()},
        str(changes.get("told_in", "EUR")),
    )


def features(facts: Facts) -> dict[str, float]:
    matrix = feature_matrix(facts, Keys(np.array([0]), np.array([AS_OF], np.int32)))
    return dict(zip(NAMES, matrix[0].tolist(), strict=True))


def test_sales_lost_are_lost_in_earnings_by_the_part_no_cost_follows() -> None:
    statements = lose_revenue(facts_of(), AS_OF, 0.10, 0.25)["statements"]
    assert statements["revenue"].tolist() == [2000, 1800]
    assert statements["cost_of_sales"].tolist() == [1200, 1050]
    assert statements["ebitda"].tolist() == [150, 100]
    assert statements["ebit"].tolist() == [100, 50]
    assert statements["net_income"].tolist() == [60, 10]
    assert np.isnan(statements["operating_cash_flow"]).all()  # not published: not made up
    assert features(lose_revenue(facts_of(), AS_OF, 0.10, 0.25))["turnover"] == 1800


def test_only_accounts_known_on_the_day_lose_sales() -> None:
    facts = facts_of(last=2024)  # those of 2024 come out in April 2025
    assert lose_revenue(facts, AS_OF, 0.5, 0.0)["statements"]["revenue"].tolist() == [1000, 2000]


def test_nothing_lost_is_no_change() -> None:
    facts = facts_of()
    assert lose_revenue(facts, AS_OF, 0.0, 0.3) is facts
    assert devalue(facts, 0.0) is facts


def test_capital_raised_leaves_the_balance_sheet_balanced() -> None:
    raised = raise_capital(facts_of(), AS_OF, 0.20)["statements"]
    assert raised["equity"].tolist() == [300, 500]
    assert raised["cash"].tolist() == [50, 250]
    assert raised["total_assets"][1] == raised["equity"][1] + raised["total_liabilities"][1]
    assert features(raise_capital(facts_of(), AS_OF, 0.20))["net_worth"] == 500


def test_accounts_published_are_those_of_the_years_that_follow() -> None:
    old = facts_of(last=2021)
    assert features(old)["accounts_age_months"] == pytest.approx(30, abs=0.1)
    assert features(publish_accounts(old, AS_OF, 1))["accounts_age_months"] == pytest.approx(
        18, abs=0.1
    )
    renewed = features(publish_accounts(old, AS_OF, 2))
    assert renewed["accounts_age_months"] == pytest.approx(6, abs=0.1)
    assert renewed["net_worth"] == 300


def test_only_the_last_accounts_are_certified() -> None:
    assert certify_accounts(facts_of(), AS_OF)["statements"]["audited"].tolist() == [0, 1]
    assert features(certify_accounts(facts_of(), AS_OF))["accounts_audited"] == 1


@pytest.mark.parametrize(
    ("currency", "told_in", "kept"),
    [("GBP", "EUR", 0.9), ("EUR", "EUR", 1.0), ("EUR", "GBP", 0.9), ("USD", "GBP", 0.9)],
)
def test_every_foreign_currency_is_worth_less(currency: str, told_in: str, kept: float) -> None:
    statements = facts_of(currency=currency)
    facts = Facts(statements.buyers, statements.tables, told_in)
    before, after = features(facts)["turnover"], features(devalue(facts, 0.10))["turnover"]
    assert after == pytest.approx(kept * before)
