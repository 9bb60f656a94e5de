"""Facts sent in a request give the features that the same facts give at rest, bit for bit."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.build import feature_matrix
from serving.intake import facts_of
from serving.portfolio import Portfolio
from serving.problems import Problem
from serving.raw_facts import RawFacts

BUYER = {"buyer_id": "X", "country": "FR"}
INVOICE = {"invoice_id": "1", "issued_on": "2025-01-01", "due_on": "2025-02-01", "amount": 10}


def features(portfolio: Portfolio, raw: dict[str, Any]) -> np.ndarray:
    facts = facts_of(RawFacts.model_validate(raw), portfolio.facts)
    keys = facts.keys(facts.buyer_ids.tolist(), np.array([date(2025, 6, 30)]))
    return feature_matrix(facts, keys)[0]


def test_the_shared_tables_are_those_of_the_portfolio(portfolio: Portfolio) -> None:
    facts = facts_of(RawFacts.model_validate({"buyer": BUYER}), portfolio.facts)
    for name in ("fx", "country_risk", "sector_risk"):
        assert facts[name] is portfolio.facts[name]
    assert facts.buyer_ids.tolist() == ["X"]


def test_an_invoice_may_be_sent_once(portfolio: Portfolio) -> None:
    raw = RawFacts.model_validate({"buyer": BUYER, "invoices": [INVOICE, INVOICE]})
    with pytest.raises(Problem, match="occurs twice"):
        facts_of(raw, portfolio.facts)


def test_a_payment_needs_its_invoice(portfolio: Portfolio) -> None:
    payment = {"invoice_id": "9", "paid_on": "2025-03-01", "amount": 1}
    raw = RawFacts.model_validate({"buyer": BUYER, "invoices": [INVOICE], "payments": [payment]})
    with pytest.raises(Problem) as raised:
        facts_of(raw, portfolio.facts)
    assert [(e.field, e.value) for e in raised.value.errors] == [
        ("facts.payments.0.invoice_id", "9")
    ]


amounts = st.floats(-1e12, 1e12, allow_nan=False).map(lambda amount: round(amount, 2))
days = st.dates(date(1950, 1, 1), date(2100, 1, 1))
invoices = st.fixed_dictionaries(
    {"issued_on": days, "due_on": days, "amount": amounts},
    optional={
        "paid_on": days,
        "disputed_on": days,
        "currency": st.sampled_from(["EUR", "USD", "XXX"]),
    },
)
statements = st.fixed_dictionaries(
    {"closing_date": days},
    optional={"available_at": days, "total_assets": amounts, "equity": amounts, "revenue": amounts},
)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(invoices, max_size=5),
    st.lists(statements, max_size=3),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
)
def test_any_facts_that_fit_have_features(
    portfolio: Portfolio, invoices: list[dict], statements: list[dict], name: str
) -> None:
    numbered = [{**invoice, "invoice_id": f"{i}é"} for i, invoice in enumerate(invoices)]
    buyer = {**BUYER, "name": name or None}
    row = features(portfolio, {"buyer": buyer, "invoices": numbered, "statements": statements})
    assert not np.isinf(row).any()
