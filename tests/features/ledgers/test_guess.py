"""Exports nobody has described: columns are told by names and values, or left to a person."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.ledgers.guess import Guess, bucket_of, guess, open_export

FRENCH = """Grand livre au 31/12/2025;;;;;;
N° facture;Code client;Raison sociale;Date facture;Échéance;Date règlement;Montant TTC
F1;C1;Durand SA;05/01/2025;04/02/2025;10/02/2025;1 200,50
F2;C2;Petit;25/01/2025;24/02/2025;;300,00
"""
FRENCH_COLUMNS = {
    "invoice_id": "N° facture",
    "buyer_id": "Code client",
    "issued_on": "Date facture",
    "due_on": "Échéance",
    "paid_on": "Date règlement",
    "amount": "Montant TTC",
    "name": "Raison sociale",
}
AGED = [
    ["Customer", "Customer name", "Not due", "1-30", "31-60", "61-90", "91-180", ">180", "Total"],
    ["C1", "Durand", 100.5, 20, 0, 0, 0, 5, 125.5],
    ["C2", "Petit", 0, 0, 10, 0, 0, 0, 10],
]


def guessed(path: Path) -> Guess:
    return guess(open_export(path))


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_french_ledger_below_a_title(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "ledger.csv"
    file.write_text(FRENCH, encoding)
    found = guessed(file)
    assert found == Guess("invoices", FRENCH_COLUMNS, month_first=False, sure_of_dates=True)


def test_an_aged_balance_in_a_workbook(write_workbook: Any, tmp_path: Path) -> None:
    write_workbook(tmp_path / "aged.xlsx", AGED)
    found = guessed(tmp_path / "aged.xlsx")
    assert found.table == "ageing"
    buckets = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_91_180", "over_180")
    assert {raw: found.columns[raw] for raw in buckets} == dict(
        zip(buckets, AGED[0][2:8], strict=True)
    )
    assert (found.columns["buyer_id"], found.columns["name"]) == ("Customer", "Customer name")


def test_a_table_with_the_raw_names_is_read_as_it_is(tmp_path: Path) -> None:
    names = ["invoice_id", "buyer_id", "issued_on", "due_on", "paid_on", "amount", "currency"]
    row = ["1", "B", "2025-01-05", "2025-02-05", None, "10.5", "EUR"]
    pq.write_table(
        pa.table(
            {name: pa.array([value], pa.string()) for name, value in zip(names, row, strict=True)}
        ),
        tmp_path / "invoices.parquet",
    )
    assert guessed(tmp_path / "invoices.parquet").columns == {name: name for name in names}


def test_months_come_first_where_no_day_fits(tmp_path: Path) -> None:
    file = tmp_path / "us.csv"
    file.write_text("Invoice,Customer,Invoice Date,Amount\n1,C,01/31/2025,5\n2,C,03/04/2025,6\n")
    assert guessed(file).month_first
    file.write_text("Invoice,Customer,Invoice Date,Amount\n1,C,01/02/2025,5\n2,C,03/04/2025,6\n")
    found = guessed(file)
    assert (found.month_first, found.sure_of_dates) == (False, False)


def test_a_column_whose_values_cannot_be_what_it_is_called_is_not_proposed(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_text("Invoice;Customer;Date;Amount\n1;C;soon;lots\n2;C;later;few\n")
    assert set(guessed(file).columns) == {"invoice_id", "buyer_id"}


def test_a_file_that_names_no_buyer_opens_at_its_first_row(tmp_path: Path) -> None:
    file = tmp_path / "strange.csv"
    file.write_text("alpha;beta;gamma\n1;2;3\n")
    assert open_export(file).rows.column_names == ["alpha", "beta", "gamma"]
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ValueError, match=r"empty\.csv"):
        open_export(tmp_path / "empty.csv")


@pytest.mark.parametrize(
    ("header", "bucket"),
    [
        ("Non échu", "not_due"),
        ("Current", "not_due"),
        ("1 à 30 jours", "days_1_30"),
        ("< 30 j", "days_1_30"),
        ("31 to 60", "days_31_60"),
        ("61/90 Tage", "days_61_90"),
        ("91-180", "days_91_180"),
        ("Over 180 days", "over_180"),
        ("Avoirs", "unallocated_credits"),
        ("days_61_90", "days_61_90"),
        ("Total", None),
        ("2025", None),
        ("buyer_id", None),
    ],
)
def test_buckets_are_told_by_their_days(header: str, bucket: str | None) -> None:
    assert bucket_of(header) == bucket
