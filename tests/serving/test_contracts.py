"""What may be asked: every field of every raw table, and what is refused at the door."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from features.tables import TABLES
from serving.answers import Decision
from serving.contracts import MOST_BATCH, BatchRequest, RawFacts, ScoreRequest
from serving.fields import LARGEST_AMOUNT

BUYER = {"buyer_id": "B1", "country": "FR"}
ASKED = {"as_of_date": "2025-06-30", "buyer_id": "B1"}
OWNED = [table for table in TABLES.values() if table.of_buyer and table.name != "buyers"]


def faults(question: dict[str, Any]) -> list[str]:
    """The fields that do not fit."""
    with pytest.raises(ValidationError) as raised:
        ScoreRequest.model_validate(question)
    return [".".join(str(part) for part in fault["loc"]) for fault in raised.value.errors()]


def test_facts_hold_every_table_of_a_buyer() -> None:
    assert set(RawFacts.model_fields) == {"buyer", *(table.name for table in OWNED)}


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
def test_rows_have_the_columns_of_the_raw_table(table: Any) -> None:
    definitions = RawFacts.model_json_schema()["$defs"]
    row = definitions[f"{table.name.removesuffix('s').title()}Row"]
    columns = {column.name: column for column in table.columns if column.name != "buyer_id"}
    assert set(row["properties"]) == set(columns)
    assert set(row.get("required", ())) == {c.name for c in columns.values() if c.required}
    for name, column in columns.items():
        assert row["properties"][name]["description"] == column.doc
    assert row["additionalProperties"] is False


@pytest.mark.parametrize(
    "question",
    [
        ASKED,
        {"as_of_date": "2025-06-30", "facts": {"buyer": BUYER}},
        {**ASKED, "requested_amount": 0.01, "terms_days": 0, "language": "fr", "surety": True},
        {**ASKED, "requested_amount": LARGEST_AMOUNT, "terms_days": 365, "guarantee_amount": 1},
    ],
)
def test_what_may_be_asked(question: dict[str, Any]) -> None:
    assert ScoreRequest.model_validate(question).as_of_date == date(2025, 6, 30)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"as_of_date": None}, "as_of_date"),
        ({"as_of_date": "30/06/2025"}, "as_of_date"),
        ({"as_of_date": "1949-12-31"}, "as_of_date"),
        ({"as_of_date": "9999-12-31"}, "as_of_date"),
        ({"buyer_id": ""}, "buyer_id"),
        ({"buyer_id": "x" * 201}, "buyer_id"),
        ({"buyer_id": None}, ""),
        ({"facts": {"buyer": BUYER}}, ""),
        ({"requested_amount": 0}, "requested_amount"),
        ({"requested_amount": -1}, "requested_amount"),
        ({"requested_amount": float("nan")}, "requested_amount"),
        ({"requested_amount": float("inf")}, "requested_amount"),
        ({"requested_amount": 1e308}, "requested_amount"),
        ({"terms_days": -1}, "terms_days"),
        ({"terms_days": 366}, "terms_days"),
        ({"guarantee_amount": float("nan")}, "guarantee_amount"),
        ({"guarantee_amount": -1}, "guarantee_amount"),
        ({"language": "de"}, "language"),
        ({"ammount": 5}, "ammount"),
    ],
)
def test_what_is_refused(change: dict[str, Any], field: str) -> None:
    assert faults({**ASKED, **change}) == [field]


INVOICE = {"invoice_id": "1", "issued_on": "2025-01-01", "due_on": "2025-02-01", "amount": 10}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"buyer": {"buyer_id": "B1"}}, "buyer.country"),
        ({"buyer": {**BUYER, "country": "France"}}, "buyer.country"),
        ({"buyer": {**BUYER, "entity_type": "person"}}, "buyer.entity_type"),
        ({"buyer": {**BUYER, "employees": -1}}, "buyer.employees"),
        ({"buyer": BUYER, "invoices": [{**INVOICE, "amount": None}]}, "invoices.0.amount"),
        ({"buyer": BUYER, "invoices": [{**INVOICE, "amount": "inf"}]}, "invoices.0.amount"),
        ({"buyer": BUYER, "invoices": [{**INVOICE, "amount": 1e308}]}, "invoices.0.amount"),
        ({"buyer": BUYER, "invoices": [{**INVOICE, "buyer_id": "B2"}]}, "invoices.0.buyer_id"),
        ({"buyer": BUYER, "invoices": [{**INVOICE, "currency": "euro"}]}, "invoices.0.currency"),
        ({"buyer": BUYER, "invoices": [{**INVOICE, "due_on": "0001-01-01"}]}, "invoices.0.due_on"),
        (
            {"buyer": BUYER, "statements": [{"closing_date": "2024-12-31", "months": 0}]},
            "statements.0.months",
        ),
        (
            {"buyer": BUYER, "incidents": [{"event_date": "2024-12-31", "kind": "gossip"}]},
            "incidents.0.kind",
        ),
        (
            {"buyer": BUYER, "esg": [{"rated_on": "2024-12-31", "social": 101}]},
            "esg.0.social",
        ),
    ],
)
def test_facts_that_are_refused(facts: dict[str, Any], field: str) -> None:
    assert faults({"as_of_date": "2025-06-30", "facts": facts}) == [f"facts.{field}"]


def test_a_batch_has_an_end() -> None:
    assert BatchRequest.model_validate({"requests": [ASKED] * MOST_BATCH})
    for number in (0, MOST_BATCH + 1):
        with pytest.raises(ValidationError):
            BatchRequest.model_validate({"requests": [ASKED] * number})


def test_the_answer_has_a_duration() -> None:
    required = set(Decision.model_json_schema()["required"])
    assert {"valid_from", "valid_until", "review_on", "limit", "reasons", "conditions"} <= required


def test_an_old_firm_may_have_been_founded_long_ago() -> None:
    buyer = {"buyer_id": "FR-1", "country": "FR", "founded_on": "1665-10-01"}
    asked = {"as_of_date": "2025-06-30", "facts": {"buyer": buyer}}
    assert ScoreRequest.model_validate(asked).facts.buyer.founded_on == date(1665, 10, 1)
