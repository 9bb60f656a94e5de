"""Parquet, workbooks and SQL become the same text as a CSV."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text

from features.ledgers.mapping import Column, Format, TableMapping
from features.ledgers.sources import read_file, read_query, read_source

WANTED = (("number",),)


def test_parquet_values_are_written_as_the_format_reads_them(tmp_path: Path) -> None:
    table = pa.table(
        {
            "number": pa.array(["A", "B"]).dictionary_encode(),
            "customer": [100043.0, float("nan")],
            "day": [date(2024, 1, 31), None],
            "at": pa.array([datetime(2024, 1, 31, 23, 30)] * 2, pa.timestamp("us", "UTC")),
            "amount": [1234.5, 1e20],
            "exact": [Decimal("1.50"), None],
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    extract = read_file(tmp_path / "a.parquet", Format(decimal=","), WANTED)
    first, second = extract.rows.to_pylist()
    assert first == {
        "number": "A",
        "customer": "100043",
        "day": "2024-01-31",
        "at": "2024-01-31 23:30:00.000000Z",
        "amount": "1234,5",
        "exact": "1,50",
    }
    assert (second["customer"], second["day"], second["amount"]) == (None, None, "1e+20")
    assert extract.line.tolist() == [1, 2]
    assert extract.typed


def test_a_query_is_read_in_its_order(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'erp.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table ledger (number text, amount real, day text)"))
        rows = [{"n": f"F{k}", "a": k + 0.5, "d": "2024-01-31"} for k in range(5)]
        connection.execute(text("insert into ledger values (:n, :a, :d)"), rows)
        connection.execute(text("insert into ledger values (null, null, null)"))
    engine.dispose()
    extract = read_query(url, "select * from ledger order by number desc", Format(), WANTED)
    assert extract.rows["number"].to_pylist() == ["F4", "F3", "F2", "F1", "F0"]
    assert extract.rows["amount"].to_pylist()[0] == "4.5"
    assert (extract.line.tolist(), extract.blank) == ([1, 2, 3, 4, 5], 1)
    nothing = read_query(url, "select * from ledger where 1 = 0", Format(), WANTED)
    assert nothing.rows.num_rows == 0


def test_a_database_that_answers_nothing_is_named_without_its_password(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"sqlite:///.*no such table"):
        read_query(f"sqlite:///{tmp_path / 'erp.db'}", "select * from ledger", Format(), WANTED)
    with pytest.raises(ValueError, match=r"me:\*\*\*@") as raised:
        read_query("postgresql+psycopg_none://me:secret@host/db", "select 1", Format(), WANTED)
    assert "secret" not in str(raised.value)


def test_a_workbook_has_its_header_found(write_workbook: Any, tmp_path: Path) -> None:
    write_workbook(
        tmp_path / "a.xlsx",
        [
            ["Ledger 2024", None, None],
            [],
            ["Number", "Date", "Amount"],
            ["F1", date(2024, 2, 29), 12.5],
            [None, None, None],
            [1002, "31/01/2024", 3],
        ],
    )
    extract = read_file(tmp_path / "a.xlsx", Format(decimal=","), WANTED)
    assert [list(row.values()) for row in extract.rows.to_pylist()] == [
        ["F1", "2024-02-29", "12,5"],
        ["1002", "31/01/2024", "3"],
    ]
    assert (extract.line.tolist(), extract.blank) == ([4, 6], 1)
    with pytest.raises(ValueError, match=r"a\.xlsx.*Balance.*or save the sheet as CSV"):
        read_file(tmp_path / "a.xlsx", Format(sheet="Balance"), WANTED)
    with pytest.raises(ValueError, match=r"a\.xlsx: no column 'nowhere'"):
        read_file(tmp_path / "a.xlsx", Format(), (("nowhere",),))


def test_a_broken_workbook_has_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ValueError, match="or save the sheet as CSV"):
        read_file(tmp_path / "a.xlsx", Format(), WANTED)
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(ValueError, match=r"a\.parquet: "):
        read_file(tmp_path / "a.parquet", Format(), WANTED)


def test_a_file_is_what_it_holds_not_what_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "export.xls").write_bytes("\ufeffNumber\tName\r\n1\tÉté\r\n".encode("utf-16-le"))
    extract = read_file(tmp_path / "export.xls", Format(), WANTED)
    assert extract.rows.to_pylist() == [{"Number": "1", "Name": "Été"}]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"numbers": ["A"]}), tmp_path / "a.parquet")
    with pytest.raises(ValueError, match="no column 'number'; did you mean 'numbers'"):
        read_file(tmp_path / "a.parquet", Format(), WANTED)


def section(**more: object) -> TableMapping:
    return TableMapping(columns={"number": Column(columns=(("number",),))}, **more)  # type: ignore[arg-type]


def test_a_folder_is_searched_by_pattern_and_a_file_is_the_first_sections(tmp_path: Path) -> None:
    for name in ("ledger1.CSV", "ledger2.csv", "clients.csv"):
        (tmp_path / name).write_text("number\n1\n")
    ledger = section(file=("LEDGER*",))

    def names(source: Path, of: TableMapping, is_first: bool = True) -> list[str]:
        return [extract.name for extract in read_source(source, of, WANTED, is_first)]

    assert names(tmp_path, ledger) == ["ledger1.CSV", "ledger2.csv"]
    assert names(tmp_path / "clients.csv", ledger) == ["clients.csv"]
    assert names(tmp_path / "clients.csv", ledger, is_first=False) == ["ledger1.CSV", "ledger2.csv"]
    assert names(tmp_path / "clients.csv", section(), is_first=False) == ["clients.csv"]
    assert names(tmp_path, section(file=("nothing",))) == []
    with pytest.raises(ValueError, match="is a folder: give `file`"):
        names(tmp_path, section())
    with pytest.raises(FileNotFoundError, match="no file or folder"):
        names(tmp_path / "nowhere", ledger)


def test_a_database_needs_a_query(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'erp.db'}"
    (extract,) = read_source(url, section(query="select 1 as number"), WANTED, True)
    assert extract.rows["number"].to_pylist() == ["1"]
    assert read_source(url, section(optional=True), WANTED, True) == []
    with pytest.raises(ValueError, match="give `query`, a SELECT"):
        read_source(url, section(), WANTED, True)
