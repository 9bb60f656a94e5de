"""The checks of raw tables: each rule with its reason, and no row lost."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.ledgers.checks import Problem, check, split
from features.tables import TABLES

DAY = date(2024, 1, 1)
PAYMENT = {"invoice_id": "F", "buyer_id": "B", "paid_on": DAY}
BALANCE = {"buyer_id": "B", "balance_date": DAY}
INVOICE = {
    "invoice_id": "F1",
    "buyer_id": "B1",
    "issued_on": date(2024, 1, 1),
    "due_on": date(2024, 1, 31),
    "paid_on": None,
    "amount": 100.0,
    "currency": "EUR",
}


def table(name: str, *rows: dict[str, Any]) -> pa.Table:
    fields = [field for field in TABLES[name].schema if any(field.name in row for row in rows)]
    return pa.Table.from_pylist(list(rows), pa.schema(fields))


def reasons(name: str, row: dict[str, Any], as_of: date | None = None) -> list[tuple[str, str]]:
    good, refused = check(name, table(name, row), as_of)
    assert len(good) + len(refused) == 1
    return [(r["column"], r["reason"]) for r in refused.to_pylist()]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"amount": -100.0}, []),  # a credit note
        ({"amount": -100.0, "due_on": date(2023, 12, 1)}, []),
        ({"paid_on": date(2023, 12, 1)}, []),  # a prepayment
        ({"currency": None}, []),
        ({"invoice_id": None}, [("invoice_id", "missing")]),
        ({"invoice_id": ""}, [("invoice_id", "missing")]),
        ({"buyer_id": None}, [("buyer_id", "missing")]),
        ({"due_on": None}, [("due_on", "missing")]),
        ({"amount": None}, [("amount", "missing")]),
        ({"amount": 0.0}, [("amount", "amount of zero")]),
        ({"amount": float("nan")}, [("amount", "not a finite number")]),
        ({"amount": float("-inf")}, [("amount", "not a finite number")]),
        ({"amount": 1.1e10}, [("amount", "amount above 1e+10")]),
        ({"currency": "EURO"}, [("currency", "unknown currency")]),
        ({"due_on": date(2023, 12, 31)}, [("due_on", "due before its issue")]),
        ({"issued_on": date(1899, 12, 31)}, [("issued_on", "date outside 1900-2100")]),
        ({"due_on": date(2101, 1, 1)}, [("due_on", "date outside 1900-2100")]),
        ({"paid_on": date(2999, 1, 1)}, [("paid_on", "date outside 1900-2100")]),
    ],
)
def test_invoices(change: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert reasons("invoices", INVOICE | change) == expected


def test_what_lies_after_as_of_is_refused_but_promises_are_not() -> None:
    day = date(2024, 1, 1)
    assert reasons("invoices", INVOICE, day) == []
    late = INVOICE | {"paid_on": date(2024, 1, 2)}
    assert reasons("invoices", late, day) == [("paid_on", "date in the future")]
    assert reasons("invoices", INVOICE, date(2023, 12, 31)) == [("issued_on", "date in the future")]
    accounts = {"buyer_id": "B", "closing_date": day, "available_at": date(2024, 9, 30)}
    assert reasons("statements", accounts, day) == []


@pytest.mark.parametrize(
    ("name", "row", "column"),
    [
        ("buyers", {"buyer_id": "B", "country": "UK"}, "country"),
        ("buyers", {"buyer_id": "B", "country": "FR", "entity_type": "SA"}, "entity_type"),
        ("statements", {"buyer_id": "B", "closing_date": DAY, "months": 0.0}, "months"),
        ("incidents", {"buyer_id": "B", "event_date": DAY, "kind": "late"}, "kind"),
        ("esg", {"buyer_id": "B", "rated_on": DAY, "social": 101.0}, "social"),
        ("fx", {"currency": "USD", "quoted_on": DAY, "rate": 0.0}, "rate"),
        ("payments", PAYMENT | {"amount": -1.0}, "amount"),
        ("ageing", BALANCE | {"unallocated_credits": 5.0}, "unallocated_credits"),
    ],
)
def test_rules_of_other_tables(name: str, row: dict[str, Any], column: str) -> None:
    assert [found for found, _ in reasons(name, row)] == [column]


def test_large_accounts_are_no_mistake() -> None:
    row = {"buyer_id": "B", "closing_date": date(2023, 12, 31), "total_assets": 5e14}
    assert reasons("statements", row) == []
    assert reasons("statements", row | {"total_assets": 5e15}) != []


def test_a_refused_row_says_where_and_what_to_do() -> None:
    frame = table("invoices", INVOICE, INVOICE | {"currency": "EURO"})
    frame = frame.append_column("line", pa.array([7, 9])).append_column("file", pa.array(["a"] * 2))
    good, refused = check("invoices", frame)
    assert good["line"].to_pylist() == [7]
    (row,) = refused.to_pylist()
    assert row | {"remedy": ""} == {
        "file": "a",
        "line": 9,
        "table": "invoices",
        "column": "currency",
        "value": "EURO",
        "reason": "unknown currency",
        "remedy": "",
    }
    assert "ISO 4217" in row["remedy"]


def test_the_first_problem_of_a_row_is_listed() -> None:
    both = np.array([True, False])
    problems = [
        Problem(both, "a", "first", "do"),
        Problem(np.array([True, True]), "b", "second", "do"),
    ]
    frame = pa.table({"a": ["x", "y"], "b": ["v", "w"], "line": [1, 2]})
    good, refused = split("invoices", frame, problems)
    assert len(good) == 0
    assert refused["reason"].to_pylist() == ["first", "second"]
    assert refused["value"].to_pylist() == ["x", "w"]


ANY_DATE = st.none() | st.dates(date(1800, 1, 1), date(2200, 1, 1))


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "invoice_id": st.none() | st.sampled_from(["", "F1", "F2"]),
                "buyer_id": st.none() | st.just("B"),
                "issued_on": ANY_DATE,
                "due_on": ANY_DATE,
                "paid_on": ANY_DATE,
                "amount": st.none() | st.floats(),
                "currency": st.none() | st.sampled_from(["EUR", "?"]),
            }
        )
    ),
    st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)),
)
def test_good_and_refused_rows_are_all_rows(rows: list[dict[str, Any]], as_of: date | None) -> None:
    good, refused = check("invoices", table("invoices", INVOICE, *rows).slice(1), as_of)
    lines = sorted([*good["line"].to_pylist(), *refused["line"].to_pylist()])
    assert lines == list(range(1, len(rows) + 1))
    assert check("invoices", good, as_of)[0].equals(good)
