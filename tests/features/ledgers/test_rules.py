"""Rules that fill in what a ledger leaves open, and mark what they filled."""

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from features.ledgers.mapping import Settled
from features.ledgers.rules import (
    day_of_extract,
    fill,
    fill_buyers,
    fill_due_dates,
    fill_publication,
    part_payments,
    settle_by_state,
    split_payment_lines,
)
from features.tables import TABLES

DAY = date(2024, 1, 15)
SCHEMA = pa.schema(
    [
        *TABLES["invoices"].schema,
        *(pa.field(name, pa.string()) for name in ("terms", "number", "reference", "match")),
        pa.field("terms_from", pa.date32()),
        *(pa.field(name, pa.bool_()) for name in ("is_payment", "is_settled")),
        pa.field("residual", pa.float64()),
        pa.field("line", pa.int64()),
    ]
)


def ledger(*rows: dict[str, Any]) -> pa.Table:
    blank = {"buyer_id": "B", "issued_on": DAY, "amount": 100.0, "is_settled": False}
    return pa.Table.from_pylist([blank | row for row in rows], SCHEMA)


def test_what_was_filled_is_marked_once() -> None:
    frame = pa.table({"a": [None, 1, None]})
    frame = fill(frame, "a", np.array([True, False, False]), pa.array([7, 7, 7]))
    frame = fill(frame, "a", np.array([False, False, True]), pa.array([8, 8, 8]))
    assert frame.to_pydict() == {"a": [7, 1, 8], "filled a": [True, False, True]}


def test_due_dates_come_from_terms() -> None:
    rows = ledger(
        {"terms": "45 jours fin de mois"},
        {"terms": "30", "terms_from": date(2024, 2, 1)},
        {"terms": "30", "due_on": date(2024, 5, 1)},
        {"terms": "ZX99"},
        {"terms": "ZX99", "due_on": date(2024, 5, 1)},
        {},
        {"amount": -5.0},
    )
    good, refused = fill_due_dates(rows.append_column("n", pa.array(range(7))))
    due = dict(zip(good["n"].to_pylist(), good["due_on"].to_pylist(), strict=True))
    assert due == {
        0: date(2024, 2, 29),
        1: date(2024, 3, 2),
        2: date(2024, 5, 1),
        4: date(2024, 5, 1),
        5: None,
        6: DAY,
    }
    assert good["filled due_on"].to_pylist() == [True, True, False, False, False, True]
    assert refused.select(["value", "reason"]).to_pylist() == [
        {"value": "ZX99", "reason": "unknown payment terms"}
    ]


def test_due_dates_without_terms_stay_missing() -> None:
    rows = ledger({}, {"amount": -5.0}).drop_columns(["terms", "terms_from"])
    good, refused = fill_due_dates(rows)
    assert good["due_on"].to_pylist() == [None, DAY]
    assert not len(refused)


def test_statements_are_published_after_the_lag() -> None:
    frame = pa.table(
        {
            "closing_date": pa.array([date(2023, 12, 31), date(2023, 12, 31), None], pa.date32()),
            "available_at": pa.array([None, date(2024, 5, 1), None], pa.date32()),
        }
    )
    filled = fill_publication(frame, 90)
    assert filled["available_at"].to_pylist() == [date(2024, 3, 30), date(2024, 5, 1), None]
    assert filled["filled available_at"].to_pylist() == [True, False, False]
    assert fill_publication(frame, None) is frame


def test_a_payment_finds_its_buyer_by_a_number_only_one_has() -> None:
    book = ledger({"number": "F1"}, {"number": "F2", "buyer_id": "C"}, {"number": "F2"})
    numbers = ["F1", "F2", "F9", None]
    payments = pa.table(
        {
            "invoice_id": pa.array(numbers),
            "buyer_id": pa.array([None] * 4, pa.string()),
            "line": pa.array(range(4), pa.int64()),
        }
    )
    good, refused = fill_buyers(payments, book)
    assert good["buyer_id"].to_pylist() == ["B", None]  # without number: refused by the checks
    assert refused["value"].to_pylist() == ["F2", "F9"]
    assert set(refused["reason"].to_pylist()) == {"payment of no invoice"}


def test_payment_lines_leave_the_ledger_with_their_sign_turned() -> None:
    rows = ledger(
        {"invoice_id": "F1", "is_payment": False},
        {"invoice_id": None, "is_payment": True, "amount": -40.0, "match": "A"},
    )
    rows = rows.append_column("file", pa.array(["x"] * 2))
    invoices, payments = split_payment_lines(rows)
    assert invoices["invoice_id"].to_pylist() == ["F1"]
    assert payments.select(["invoice_id", "paid_on", "amount"]).to_pylist() == [
        {"invoice_id": "A", "paid_on": DAY, "amount": 40.0}
    ]


def test_a_residual_tells_what_was_paid_in_part() -> None:
    book = ledger(
        {"invoice_id": "F1", "residual": 30.0},
        {"invoice_id": "F2", "residual": 30.0},
        {"invoice_id": "F3", "residual": 100.0},
        {"invoice_id": "F4", "residual": 30.0, "paid_on": DAY},
        {"invoice_id": "F5", "residual": 0.0},
        {"invoice_id": "F6", "residual": -30.0, "amount": -100.0},
        {"invoice_id": "F7"},
    )
    known = pa.table({"invoice_id": ["F2", "F2"], "amount": [20.0, 10.0]})
    found = part_payments(book, known, date(2024, 6, 30))
    assert found.drop_columns("buyer_id").to_pylist() == [
        {"invoice_id": name, "paid_on": date(2024, 6, 30), "amount": size, "filled paid_on": True}
        for name, size in (("F1", 70.0), ("F2", 40.0))
    ]


def test_paid_on_an_unknown_day_is_refused_or_filled() -> None:
    book = ledger(
        {"invoice_id": "F1", "is_settled": True, "due_on": date(2024, 2, 1)},
        {"invoice_id": "F2", "residual": 0.0, "due_on": date(2024, 9, 1)},
        {"invoice_id": "F3", "is_settled": True, "paid_on": DAY},
        {"invoice_id": "F4", "residual": 5.0},
    )
    extract = date(2024, 6, 30)
    good, refused = settle_by_state(book, Settled(without_date="due_on"), extract)
    assert good["paid_on"].to_pylist() == [date(2024, 2, 1), extract, DAY, None]
    assert good["filled paid_on"].to_pylist() == [True, True, False, False]
    assert not len(refused)
    good, refused = settle_by_state(book, Settled(), extract)
    assert good["invoice_id"].to_pylist() == ["F3", "F4"]
    assert refused["reason"].to_pylist() == ["paid on an unknown day"] * 2


def test_the_day_of_the_extract_is_the_last_that_occurs() -> None:
    payments = [pa.table({"paid_on": pa.array([date(2024, 3, 1), None])})]
    assert day_of_extract(ledger({}), payments) == date(2024, 3, 1)
    assert day_of_extract(ledger({}), []) == DAY
