"""Imports from end to end: three ERPs, every dirty case, and nothing lost."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine

from features.facts import Facts
from features.ledgers.import_ledger import import_ledger
from features.ledgers.summary import ImportSummary
from features.tables import read_tables

MAPPING = """
[format]
dates = ["dd/mm/yyyy", "d mmm yyyy"]
[invoices]
query = "select * from ledger"
[invoices.columns]
invoice_id = "Facture"
buyer_id = "Client"
issued_on = "Date"
due_on = "Échéance"
paid_on = "Réglée le"
amount = "Montant"
currency = { columns = "Devise", default = "EUR" }
supplier_id = { columns = "Fournisseur", optional = true }
[invoices.terms]
columns = "Conditions"
[buyers]
derived_from = "invoices"
[buyers.columns]
buyer_id = "Client"
country = { columns = "Pays", default = "FR" }
"""
HEADER = "Facture;Client;Date;Échéance;Réglée le;Montant;Devise;Conditions"
GOOD = "F1;C1;05/01/2024;04/02/2024;10/02/2024;1 200,50;EUR;"

Run = Callable[..., ImportSummary]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Import a text by MAPPING (or another) into tmp_path/out."""

    def run(
        text: str, mapping: str = MAPPING, encoding: str = "utf-8", **more: Any
    ) -> ImportSummary:
        (tmp_path / "mapping.toml").write_text(mapping, "utf-8")
        (tmp_path / "ledger.csv").write_bytes(text.encode(encoding))
        out = tmp_path / "out"
        return import_ledger(tmp_path / "mapping.toml", tmp_path / "ledger.csv", out, **more)

    return run


def invoices(out: Path) -> dict[str, dict[str, Any]]:
    return {row["invoice_id"]: row for row in read_tables(out)["invoices"].to_pylist()}


def refused(out: Path) -> list[tuple[int, str, str, str]]:
    with (out / "refused.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(row["file"] and row["remedy"] for row in rows)
    return [(int(row["line"]), row["column"], row["value"], row["reason"]) for row in rows]


def test_a_ledger_becomes_a_portfolio(run: Run, tmp_path: Path) -> None:
    second = "F2;C2;31 janv. 2024;;;-80,00;;45 jours fin de mois"
    summary = run(f"{HEADER}\n{GOOD}\n{second}\n", encoding="cp1252")
    assert invoices(summary.out)["F1"] == {
        "invoice_id": "F1",
        "buyer_id": "C1",
        "supplier_id": None,
        "issued_on": date(2024, 1, 5),
        "due_on": date(2024, 2, 4),
        "paid_on": date(2024, 2, 10),
        "amount": 1200.5,
        "currency": "EUR",
        "disputed_on": None,
    }
    assert invoices(summary.out)["F2"]["due_on"] == date(2024, 3, 31)
    assert summary.tables["invoices"].filled == {"due_on": 1, "currency": 1}
    assert read_tables(summary.out)["buyers"]["country"].to_pylist() == ["FR", "FR"]
    assert refused(summary.out) == []
    assert "ledger.csv has no supplier_id" in summary.notes
    assert len(Facts.of(read_tables(summary.out)).buyer_ids) == 2


@pytest.mark.parametrize(
    ("row", "column", "value", "reason"),
    [
        (GOOD, "invoice_id", "F1", "duplicate"),
        (GOOD.replace("1 200,50", "7"), "invoice_id", "F1", "repeated with other content"),
        ("F2;C1;05/01/2024;04/02/2024;;0,00;EUR;", "amount", "0,00", "amount of zero"),
        ("F2;C1;05/01/2024;04/02/2024;;1e11;EUR;", "amount", "1e11", "amount above 1e+10"),
        ("F2;C1;05/01/2024;04/02/2024;;nan;EUR;", "amount", "nan", "not a number"),
        ("F2;C1;05/01/2024;04/02/2024;;-inf;EUR;", "amount", "-inf", "not a number"),
        ("F2;C1;05/01/2024;04/02/2024;;1e999;EUR;", "amount", "1e999", "not a finite number"),
        ("F2;C1;05/01/2024;04/01/2024;;10;EUR;", "due_on", "04/01/2024", "due before its issue"),
        ("F2;C1;05/01/2024;;;10;EUR;", "due_on", "", "missing"),
        ("F2;C1;05/01/2024;;;10;EUR;bientôt", "terms", "bientôt", "unknown payment terms"),
        ("F2;C1;05/01/204;;;10;EUR;", "issued_on", "05/01/204", "not a date"),
        ("F2;C1;05/01/1824;;;10;EUR;30", "issued_on", "05/01/1824", "date outside 1900-2100"),
        ("F2;C1;30/02/2024;04/03/2024;;10;EUR;", "issued_on", "30/02/2024", "not a date"),
        ("F2;C1;05/01/2024;04/02/2024;;10;EURO;", "currency", "EURO", "unknown currency"),
        (";C1;05/01/2024;04/02/2024;;10;EUR;", "invoice_id", "", "missing"),
        ("F2;;05/01/2024;04/02/2024;;10;EUR;", "buyer_id", "", "missing"),
        ("F2;C1;05/01/2024", "", "F2;C1;05/01/2024", "wrong number of fields"),
        (";Total C1;;;;1 210,50;;", "", "Total C1", "a totals row"),
    ],
)  # fmt: skip
def test_dirty_rows_are_refused_with_line_value_and_reason(
    run: Run, row: str, column: str, value: str, reason: str
) -> None:
    summary = run(f"{HEADER}\n{GOOD}\n\n{row}\n")
    assert refused(summary.out) == [(4, column, value, reason)]
    assert list(invoices(summary.out)) == ["F1"]
    assert (summary.read, summary.refused) == (3, 1)  # two lines, and one buyer
    assert summary.tables["invoices"].refused == {reason: 1}


def test_prepayments_and_numbers_of_several_buyers_are_kept_and_noted(run: Run) -> None:
    rows = [GOOD, GOOD.replace("C1", "C2"), GOOD.replace("F1", "F3").replace("10/02", "01/01")]
    summary = run("\n".join([HEADER, *rows]))
    assert sorted(invoices(summary.out)) == ["F1/C1", "F1/C2", "F3"]
    assert "1 invoices paid before their issue, kept as prepayments" in summary.notes
    assert any(note.startswith("2 invoice numbers of several owners") for note in summary.notes)


def test_what_comes_after_as_of_is_refused_up_to_the_day_itself(run: Run) -> None:
    text = f"{HEADER}\n{GOOD}\n"
    assert run(text, as_of=date(2024, 2, 10)).refused == 0
    summary = run(text, as_of=date(2024, 2, 9))
    assert refused(summary.out) == [(2, "paid_on", "10/02/2024", "date in the future")]


def test_columns_may_stand_anywhere(run: Run) -> None:
    text = (
        'Grand livre;"au ""31/12"""\n\n'
        'Libellé;ECHEANCE;Montant;Date;Date;Client;"Réglée\nle";Facture;Conditions\n'
        '"ligne 1\nligne 2";04/02/2024;"1\u202f200,50";05/01/2024;;C1;;F1;\n'
        ";;;;;;;;\n"
        ";04/02/2024;zéro;05/01/2024;;C1;;F2;\n"
    )
    summary = run(text, encoding="utf-16")
    assert invoices(summary.out)["F1"]["amount"] == 1200.5
    assert refused(summary.out) == [(8, "amount", "zéro", "not a number")]


def test_timestamps_become_the_local_date(run: Run) -> None:
    row = "F1;C1;2024-01-05T23:30:00Z;2024-02-04;;10;EUR;"
    local = MAPPING.replace("[format]", '[format]\ntime_zone = "Europe/Paris"')
    assert invoices(run(f"{HEADER}\n{row}\n", local).out)["F1"]["issued_on"] == date(2024, 1, 6)
    assert invoices(run(f"{HEADER}\n{row}\n").out)["F1"]["issued_on"] == date(2024, 1, 5)


def test_a_buyer_nobody_describes_refuses_its_rows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "clients.csv").write_text("Code,Pays\nC1,FR\nC9,ZZ\n")
    buyers = (
        '[buyers]\nfile = "clients.csv"\n[buyers.columns]\nbuyer_id = "Code"\ncountry = "Pays"\n'
    )
    mapping = MAPPING[: MAPPING.index("[buyers]")] + buyers
    rows = [GOOD, GOOD.replace("F1", "F2").replace("C1", "C2"), GOOD.replace("F1;C1", "F3;C9")]
    summary = run("\n".join([HEADER, *rows]), mapping)
    assert list(invoices(summary.out)) == ["F1"]
    assert sorted(refused(summary.out)) == [
        (3, "buyer_id", "C2", "unknown buyer"),
        (3, "country", "ZZ", "unknown country"),
        (4, "buyer_id", "C9", "unknown buyer"),
    ]


def test_an_optional_table_may_be_absent(run: Run) -> None:
    rates = """
    [fx]
    file = "rates*.csv"
    columns = { currency = "C", quoted_on = "D", rate = "R" }
    """
    with pytest.raises(FileNotFoundError, match=r"\[fx\]: no file of .*rates"):
        run(f"{HEADER}\n{GOOD}\n", MAPPING + rates)
    summary = run(f"{HEADER}\n{GOOD}\n", MAPPING + rates + "optional = true\n")
    assert set(summary.tables) == {"invoices", "buyers"}


def test_what_a_ledger_says_unreadably_of_its_buyers_is_noted(run: Run) -> None:
    mapping = MAPPING + 'employees = "Effectif"\n'
    rows = [f"{GOOD};12", f"{GOOD.replace('F1', 'F2')};beaucoup"]
    summary = run("\n".join([f"{HEADER};Effectif", *rows]), mapping)
    assert read_tables(summary.out)["buyers"]["employees"].to_pylist() == [12.0]
    assert sorted(invoices(summary.out)) == ["F1", "F2"]
    assert any(note.startswith("1 lines of invoices hold something un") for note in summary.notes)


def test_statements_take_the_lag_of_their_source(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bilans.csv").write_text("Siren;Clôture;CA\nC1;31/12/2022;1 500\nC1;31/12/2023;k\n")
    statements = """
    [statements]
    file = "bilans*.csv"
    lag_days = 210
    [statements.columns]
    buyer_id = "Siren"
    closing_date = "Clôture"
    revenue = { columns = "CA", scale = 1000 }
    """
    summary = run(f"{HEADER}\n{GOOD}\n", MAPPING + statements)
    (row,) = read_tables(summary.out)["statements"].to_pylist()
    assert (row["revenue"], row["available_at"]) == (1_500_000.0, date(2023, 7, 29))
    assert summary.tables["statements"].filled == {"available_at": 1}
    assert refused(summary.out) == [(3, "revenue", "k", "not a number")]


def test_parquet_and_sql_are_read_by_the_same_mapping(run: Run, tmp_path: Path) -> None:
    expected = invoices(run(f"{HEADER}\n{GOOD}\n").out)
    typed = pd.DataFrame(
        {
            "Facture": ["F1"],
            "Client": ["C1"],
            "Date": [date(2024, 1, 5)],
            "Échéance": [pd.Timestamp(2024, 2, 4)],
            "Réglée le": ["10 févr. 2024"],
            "Montant": [1200.5],
            "Devise": ["EUR"],
        }
    )
    typed.to_parquet(tmp_path / "ledger.parquet")
    mapping, out = tmp_path / "mapping.toml", tmp_path / "out"
    import_ledger(mapping, tmp_path / "ledger.parquet", out)
    assert invoices(out) == expected
    url = f"sqlite:///{tmp_path / 'erp.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        typed.to_sql("ledger", connection, index=False)
    engine.dispose()
    import_ledger(mapping, url, out)
    assert invoices(out) == expected


def test_payments_may_come_without_invoices(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(
        '[payments]\n[payments.columns]\ninvoice_id = "N"\nbuyer_id = "B"\npaid_on = "D"\n'
        'amount = "A"\n[buyers]\nderived_from = "payments"\n'
        '[buyers.columns]\nbuyer_id = "B"\ncountry = { default = "FR" }\n'
    )
    (tmp_path / "paid.csv").write_text("N,B,D,A\nF1,C1,2024-01-05,10.50\nF1,C1,2024-01-05,-1\n")
    summary = import_ledger(tmp_path / "mapping.toml", tmp_path / "paid.csv", tmp_path / "out")
    assert (summary.tables["payments"].good, summary.refused) == (1, 1)


def test_an_import_again_is_the_same_to_the_byte(run: Run, tmp_path: Path) -> None:
    text = f"{HEADER}\n{GOOD}\nF2;C1;x;;;;;\n"
    out = run(text).out
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    run(text)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


def test_an_import_that_fails_leaves_the_portfolio_as_it_was(run: Run, tmp_path: Path) -> None:
    out = run(f"{HEADER}\n{GOOD}\n").out
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    with pytest.raises(ValueError, match="no column 'Montant'; did you mean 'Montants'"):
        run(f"{HEADER}\n{GOOD}\n".replace("Montant", "Montants"))
    with pytest.raises(FileNotFoundError, match=r"no file or folder .*nowhere\.csv"):
        import_ledger(tmp_path / "mapping.toml", tmp_path / "nowhere.csv", out)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


CELL = st.sampled_from(
    [
        "",
        " ",
        "F1",
        "F2",
        "C1",
        "Total",
        "31/01/2024",
        "32/01/2024",
        "1,5",
        "0",
        "x",
        "EUR",
        "60 jours",
    ]
) | st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=5)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    rows=st.lists(st.lists(CELL, min_size=7, max_size=9), max_size=12),
    columns=st.permutations(range(8)),
)
def test_every_line_is_good_or_refused(run: Run, rows: list[list[str]], columns: list[int]) -> None:
    names = HEADER.split(";")
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow([names[k] for k in columns])
    for row in [*rows, *rows[:2]]:
        writer.writerow([row[k] for k in columns] if len(row) == 8 else row)
    summary = run(text.getvalue())
    lines = [
        row
        for row in [*rows, *rows[:2]]
        if (
            any(cell.strip() for cell in row)
            if len(row) == 8
            else re.search(r"[^\W_]", "".join(row))
        )
    ]
    counts = summary.tables["invoices"]
    assert counts.read == len(lines)
    assert counts.good == len(read_tables(summary.out)["invoices"])
    listed = [row for row in refused(summary.out) if row[0]]
    assert len(listed) == summary.refused


def test_many_files_are_one_ledger(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(
        MAPPING.replace("[invoices]", '[invoices]\nfile = "*.CSV"', 1)
    )
    for number in (1, 2):
        rows = GOOD.replace("F1", f"F{number}")
        (tmp_path / f"part{number}.csv").write_text(f"{HEADER}\n{rows}\n{GOOD}\n")
    summary = import_ledger(tmp_path / "mapping.toml", tmp_path, tmp_path / "out")
    assert sorted(invoices(summary.out)) == ["F1", "F2"]
    assert summary.tables["invoices"].refused == {"duplicate": 2}
    assert (
        pq.read_table(tmp_path / "out" / "invoices.parquet").schema.field("due_on").type
        == pa.date32()
    )
