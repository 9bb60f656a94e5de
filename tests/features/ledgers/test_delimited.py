"""CSV files as they come. Lines are those an editor shows."""

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.ledgers.delimited import read_delimited
from features.ledgers.extract import Extract
from features.ledgers.mapping import Format

WANTED = (("Number",), ("Date",))
CELL = st.text(
    st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from(';,"\n|\t'), max_size=8
).filter(lambda text: text.strip() not in ("Number", "Date"))


def read(path: Path, content: bytes, form: Format | None = None) -> Extract:
    path.write_bytes(content)
    return read_delimited(path, form or Format(), WANTED)


def cells(extract: Extract) -> list[list[str]]:
    return [list(row.values()) for row in extract.rows.to_pylist()]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_encoding_delimiter_and_newline(
    tmp_path: Path, delimiter: str, encoding: str, newline: str
) -> None:
    lines = [["Number", "Date", "Libellé"], ["F1", "31/01/2024", "café"], ["F2", "", "été"]]
    text = newline.join(delimiter.join(fields) for fields in lines) + newline
    extract = read(tmp_path / "a.csv", text.encode(encoding))
    assert cells(extract) == lines[1:]
    assert extract.rows.column_names == lines[0]
    assert extract.line.tolist() == [2, 3]


def test_gzip(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.csv.gz", gzip.compress(b"Number,Date\nF1,x\n"))
    assert cells(extract) == [["F1", "x"]]


def test_late_foreign_bytes_decide_the_encoding(tmp_path: Path) -> None:
    plain = b"Number;Date\n" + b"F;x\n" * 100_000
    assert cells(read(tmp_path / "a.csv", plain + "é;x\n".encode()))[-1] == ["é", "x"]
    assert cells(read(tmp_path / "a.csv", plain + "é;x\n".encode("cp1252")))[-1] == ["é", "x"]
    assert cells(read(tmp_path / "a.csv", plain + b"\x81;x\n"))[-1] == ["\x81", "x"]


def test_titles_blank_lines_and_quoted_breaks_keep_the_lines(tmp_path: Path) -> None:
    text = 'Ledger of "ACME"\n\nNumber;Date;"Amount\n(EUR)"\nF1;x;1\n\n"F\n2";y;2\n;;\nF3;z;3\n'
    extract = read(tmp_path / "a.csv", text.encode())
    assert cells(extract) == [["F1", "x", "1"], ["F\n2", "y", "2"], ["F3", "z", "3"]]
    assert extract.line.tolist() == [5, 7, 10]
    assert extract.rows.column_names[2] == "Amount (EUR)"
    assert extract.blank == 2


def test_rows_of_another_width_are_malformed(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.csv", b"Number;Date\nF1;x\nF2\nF3;y;z\nF4;w\n")
    assert [row[0] for row in cells(extract)] == ["F1", "F4"]
    assert extract.line.tolist() == [2, 5]
    assert extract.malformed == ((3, "F2"), (4, "F3;y;z"))


@pytest.mark.parametrize(
    "text", ["Number;Date;\nF1;x\nF2;y\n", "Number;Date\nF1;x;\nF2;y;\n", "Number;Date\nF1;x\nF2;y"]
)
def test_a_delimiter_at_the_end_is_no_column(tmp_path: Path, text: str) -> None:
    extract = read(tmp_path / "a.csv", text.encode())
    assert [row[:2] for row in cells(extract)] == [["F1", "x"], ["F2", "y"]]
    assert not extract.malformed


def test_a_stray_quote_swallows_no_row(tmp_path: Path) -> None:
    """The quote of line 2 closes on line 4: three lines would become one row of the right width."""
    text = 'Number;Date;T\n1;"open;3\n4;5;6\n7;"ok";9\n10;11;12\n'
    extract = read(tmp_path / "a.csv", text.encode())
    assert cells(extract) == [["4", "5", "6"], ["7", "ok", "9"], ["10", "11", "12"]]
    assert extract.line.tolist() == [3, 4, 5]
    assert extract.malformed == ((2, '1;"open;3'),)


def test_a_quote_never_closed_costs_its_line_alone(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.csv", b'Number;Date;T\n1;"open;3\n4;5;6\n')
    assert cells(extract) == [["4", "5", "6"]]
    assert extract.malformed == ((2, '1;"open;3'),)


def test_a_quoted_note_with_delimiters_stays_whole(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.csv", b'Number;Date;T\n1;"a;b\nc;d";3\n4;5" tube;6\n')
    assert cells(extract) == [["1", "a;b\nc;d", "3"], ["4", '5" tube', "6"]]


def test_quotes_may_mean_nothing(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.csv", b'Number;Date\n"F1;x\nF2;"y\n', Format(quote=""))
    assert cells(extract) == [['"F1', "x"], ["F2", '"y']]


def test_only_a_header(tmp_path: Path) -> None:
    for text in (b"Number;Date", b"Number;Date\n", b"Number;Date\n\n"):
        assert cells(read(tmp_path / "a.csv", text)) == []


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a.csv: no column 'Date'; did you mean 'Dates'"):
        read(tmp_path / "a.csv", b"title\nNumber;Dates\nF1;x\n")
    with pytest.raises(ValueError, match="not in encoding 'utf-8'"):
        read(tmp_path / "a.csv", b"Number;Date\n\xe9;x\n", Format(encoding="utf-8"))
    with pytest.raises(ValueError, match="not in encoding 'klingon'"):
        read(tmp_path / "a.csv", b"Number;Date\n", Format(encoding="klingon"))
    with pytest.raises(ValueError, match="is empty"):
        read(tmp_path / "a.csv", b"")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=8), st.sampled_from(";,\t|"))
def test_whatever_a_csv_writer_quotes_comes_back(
    tmp_path: Path, rows: list[list[str]], delimiter: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(["Number", "Date", "Text"])
    begins = []
    for row in rows:
        begins.append(out.getvalue().count("\n") + 1)
        writer.writerow(row)
    extract = read(tmp_path / "a.csv", out.getvalue().encode())
    kept = [k for k, row in enumerate(rows) if any(cell.strip() for cell in row)]
    assert cells(extract) == [rows[k] for k in kept]
    assert extract.line.tolist() == [begins[k] for k in kept]


def test_a_quoted_value_may_look_like_rows(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.csv", b'Number;Date;T\n1;"a\nx;y;z\nb";3\n')
    assert cells(extract) == [["1", "a\nx;y;z\nb", "3"]]
