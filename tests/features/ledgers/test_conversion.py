"""One extract into typed columns: what a cell says, what cannot be read, what is no row."""

from datetime import date

import numpy as np
import pyarrow as pa

from features.ledgers.conversion import as_written, convert, needed_columns
from features.ledgers.extract import Extract
from features.ledgers.mapping import Column, Format, TableMapping, When

FRENCH = Format(dates=("dd/mm/yyyy",), decimal=",", thousands=(" ",))


def column(*names: str, **more: object) -> Column:
    return Column(columns=tuple((name,) for name in names), **more)  # type: ignore[arg-type]


def section(**columns: Column) -> TableMapping:
    always = {"invoice_id": column("No"), "buyer_id": column("Client"), "issued_on": column("Date")}
    return TableMapping(columns=always | columns, format=FRENCH)


def extract(*rows: tuple[str, ...], header: str) -> Extract:
    values = [pa.array(cells, pa.string()) for cells in zip(*rows, strict=True)]
    return Extract("a.csv", pa.table(values, header.split()), np.arange(2, len(rows) + 2))


def test_values_become_their_kinds() -> None:
    mapping = section(
        amount=column("Montant", scale=1000.0),
        currency=column("Devise", values={"euro": "eur"}, default="usd"),
    )
    rows = (("F1", "C", "31/01/2024", "1 234,5", "Euro"), ("F2", "C", "01/02/2024", "-1", ""))
    good, refused = convert(
        "invoices", mapping, extract(*rows, header="No Client Date Montant Devise")
    )
    assert not len(refused)
    assert good["issued_on"].to_pylist() == [date(2024, 1, 31), date(2024, 2, 1)]
    assert good["amount"].to_pylist() == [1_234_500.0, -1000.0]
    assert good["currency"].to_pylist() == ["EUR", "USD"]
    assert good["filled currency"].to_pylist() == [False, True]
    assert good["due_on"].to_pylist() == [None, None]
    assert good["line"].to_pylist() == [2, 3]


def test_a_constant_is_not_filled_in() -> None:
    mapping = section(currency=column("Devise", default="EUR"))
    good, _ = convert(
        "invoices", mapping, extract(("F1", "C", "31/01/2024"), header="No Client Date")
    )
    assert good["currency"].to_pylist() == ["EUR"]
    assert "filled currency" not in good.column_names


def test_what_cannot_be_read_refuses_its_row() -> None:
    mapping = section(amount=column("Montant"))
    rows = (
        ("F1", "C", "2024-31-01", "1"),
        ("F2", "C", "31/01/2024", "1.5"),
        ("F3", "C", "31/01/2024", "2"),
    )
    source = extract(*rows, header="No Client Date Montant")
    good, refused = convert("invoices", mapping, source)
    assert good["invoice_id"].to_pylist() == ["F3"]
    assert refused.select(["line", "column", "value", "reason"]).to_pylist() == [
        {"line": 2, "column": "issued_on", "value": "2024-31-01", "reason": "not a date"},
        {"line": 3, "column": "amount", "value": "1.5", "reason": "not a number"},
    ]
    assert "dd/mm/yyyy" in refused["remedy"][0].as_py()


def test_debit_less_credit() -> None:
    mapping = section(amount=Column(debit=("D",), credit=("C",)))
    sides = [("100", ""), ("", "30,5"), ("100", "30"), ("", ""), ("x", "1")]
    rows = [("F", "B", "31/01/2024", *side) for side in sides]
    good, refused = convert("invoices", mapping, extract(*rows, header="No Client Date D C"))
    assert good["amount"].to_pylist() == [100.0, -30.5, 70.0, None]
    assert refused["value"].to_pylist() == ["x"]


def test_credit_notes_by_the_kind_of_document() -> None:
    credit = When(columns=("Type",), values=("H", "AV*"))
    mapping = section(amount=column("M", negative_when=credit))
    rows = [("F", "B", "31/01/2024", m, t) for m, t in (("5", "H"), ("5", "S"), ("-5", "AVOIR"))]
    good, _ = convert("invoices", mapping, extract(*rows, header="No Client Date M Type"))
    assert good["amount"].to_pylist() == [-5.0, 5.0, -5.0]
    assert ("Type",) in needed_columns(mapping)


def test_excluded_rows_totals_and_malformed_ones_are_listed() -> None:
    mapping = section().model_copy(update={"exclude": (When(columns=("No",), values=("X*",)),)})
    rows = (
        ("X1", "C", "31/01/2024"),
        ("", "TOTAL C", ""),
        ("Sous-total", "", "x"),
        ("F1", "C", ""),
    )
    source = extract(*rows, header="No Client Date")
    source = Extract(source.name, source.rows, source.line, ((9, "F2;C"),))
    good, refused = convert("invoices", mapping, source)
    assert good["invoice_id"].to_pylist() == ["F1"]  # no date: for the checks to say
    reasons = dict(zip(refused["line"].to_pylist(), refused["reason"].to_pylist(), strict=True))
    assert reasons == {
        2: "excluded by the mapping (No)",
        3: "a totals row",
        4: "a totals row",
        9: "wrong number of fields",
    }
    assert refused["value"].to_pylist()[-1] == "F2;C"


def test_refused_values_are_shown_as_they_stand_in_the_file() -> None:
    mapping = section(amount=Column(debit=("D",), credit=("C",)))
    rows = (("F1", "B", "31/01/2024", "0,00", ""), ("F2", "B", "01/02/1800", "", "5"))
    source = extract(*rows, header="No Client Date D C")
    _, schema = convert("invoices", mapping, source)
    listed = [("amount", 2, "0"), ("issued_on", 3, "1800-02-01"), ("due_on", 3, None)]
    refused = pa.Table.from_pylist(
        [{"file": "a.csv", "line": n, "column": c, "value": v} for c, n, v in listed], schema.schema
    )
    shown = as_written(refused, mapping, [source])
    assert shown["value"].to_pylist() == ["0,00", "01/02/1800", None]
