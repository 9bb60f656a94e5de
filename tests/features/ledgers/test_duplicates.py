"""Duplicates: what is repeated exactly, what contradicts itself, and numbers of several owners."""

from datetime import date

import pyarrow as pa

from features.ledgers.duplicates import number_by_owner, refuse_duplicates
from features.tables import conform

DAY = date(2024, 1, 1)


def invoices(*rows: tuple[str, str, str | None, float]) -> pa.Table:
    names = ("invoice_id", "buyer_id", "supplier_id", "amount")
    frame = pa.Table.from_pylist(
        [dict(zip(names, row, strict=True), issued_on=DAY, due_on=DAY) for row in rows]
    )
    lines = pa.array(range(2, len(rows) + 2), pa.int64())
    return conform("invoices", frame).append_column("line", lines)


def test_the_first_of_equal_rows_stays() -> None:
    frame = invoices(("F1", "A", None, 1.0), ("F2", "A", None, 1.0), ("F1", "A", None, 1.0))
    good, refused = refuse_duplicates("invoices", frame)
    assert good["line"].to_pylist() == [2, 3]
    (row,) = refused.to_pylist()
    assert (row["line"], row["column"], row["value"], row["reason"]) == (
        *(4, "invoice_id", "F1"),
        "duplicate",
    )
    assert row["remedy"].endswith("the first is on line 2")


def test_a_number_with_other_content_is_refused() -> None:
    good, refused = refuse_duplicates(
        "invoices", invoices(("F1", "A", "S", 1.0), ("F1", "A", "S", 2.0))
    )
    assert good["amount"].to_pylist() == [1.0]
    assert refused["reason"].to_pylist() == ["repeated with other content"]


def test_a_number_of_several_owners_is_made_unique() -> None:
    rows = (
        ("F1", "A", "S", 1.0),
        ("F1", "B", "S", 1.0),
        ("F1", "B", "T", 1.0),
        ("F2", "A", None, 1.0),
    )
    good, refused = refuse_duplicates("invoices", invoices(*rows))
    assert not len(refused)
    unique, shared = number_by_owner(good)
    assert unique["invoice_id"].to_pylist() == ["F1/A/S", "F1/B/S", "F1/B/T", "F2"]
    assert shared.tolist() == [True, True, True, False]


def test_numbers_of_one_owner_stay() -> None:
    frame = invoices(("F1", "A", None, 1.0), ("F2", "B", None, 1.0))
    unique, shared = number_by_owner(frame)
    assert unique.equals(frame)
    assert not shared.any()


def test_two_payments_of_one_day_are_two_unless_they_agree() -> None:
    frame = pa.table(
        {
            "invoice_id": ["F1"] * 3,
            "buyer_id": ["A"] * 3,
            "paid_on": [DAY] * 3,
            "amount": [5.0, 6.0, 5.0],
            "line": [2, 3, 4],
        }
    )
    good, refused = refuse_duplicates("payments", frame)
    assert (good["line"].to_pylist(), refused["line"].to_pylist()) == ([2, 3], [4])


def test_a_restated_account_is_a_further_row() -> None:
    rows = [
        {"buyer_id": "A", "closing_date": DAY, "available_at": known, "equity": equity}
        for known, equity in ((DAY, 1.0), (date(2024, 6, 1), 2.0), (DAY, 3.0), (DAY, 1.0))
    ]
    frame = conform("statements", pa.Table.from_pylist(rows))
    good, refused = refuse_duplicates(
        "statements", frame.append_column("line", pa.array([2, 3, 4, 5]))
    )
    assert good["line"].to_pylist() == [2, 3]
    assert dict(zip(refused["line"].to_pylist(), refused["reason"].to_pylist(), strict=True)) == {
        4: "repeated with other content",
        5: "duplicate",
    }
