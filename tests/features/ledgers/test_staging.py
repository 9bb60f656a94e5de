"""A portfolio appears whole or not at all."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from features.ledgers.checks import REFUSED
from features.ledgers.staging import add_tables, publish
from features.tables import read_tables

BUYERS = pa.table({"buyer_id": ["B", "A"], "country": ["FR", "DE"]})
NONE_REFUSED = REFUSED.empty_table()


def invoices(*rows: tuple[str, str, int]) -> pa.Table:
    return pa.table(
        {
            "invoice_id": [number for number, _, _ in rows],
            "buyer_id": [buyer for _, buyer, _ in rows],
            "issued_on": [date(2024, 1, day) for _, _, day in rows],
            "due_on": [date(2024, 2, 1)] * len(rows),
            "amount": [1.0] * len(rows),
        }
    )


def test_rows_are_sorted_by_buyer_then_event_then_key(tmp_path: Path) -> None:
    rows = invoices(("9", "B", 1), ("2", "A", 5), ("1", "A", 5), ("3", "A", 4))
    publish(tmp_path / "p", {"buyers": BUYERS, "invoices": rows}, NONE_REFUSED)
    tables = read_tables(tmp_path / "p")
    assert tables["invoices"]["invoice_id"].to_pylist() == ["3", "1", "2", "9"]
    assert tables["buyers"]["buyer_id"].to_pylist() == ["A", "B"]


def test_an_import_replaces_the_one_before(tmp_path: Path) -> None:
    out = tmp_path / "new" / "p"
    labels = {"labels.parquet": pa.table({"x": [1]})}
    publish(out, {"buyers": BUYERS, "invoices": invoices()}, NONE_REFUSED, labels)
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    publish(out, {"buyers": BUYERS, "invoices": invoices()}, NONE_REFUSED, labels)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first
    publish(out, {"buyers": BUYERS}, NONE_REFUSED, labels)
    assert {path.name for path in out.iterdir()} == {
        *("buyers.parquet", "labels.parquet"),
        "refused.csv",
    }
    assert [path.name for path in out.parent.iterdir()] == ["p"]


def test_foreign_files_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(FileExistsError, match=r"thesis\.txt.*another --out"):
        publish(tmp_path, {"buyers": BUYERS}, NONE_REFUSED)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "p"
    publish(out, {"buyers": BUYERS}, NONE_REFUSED)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    def full_disk(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(pa_csv, "write_csv", full_disk)
    with pytest.raises(OSError, match="no space left"):
        publish(out, {"buyers": BUYERS, "invoices": invoices()}, NONE_REFUSED)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_context_is_added_to_a_portfolio(tmp_path: Path) -> None:
    out = tmp_path / "p"
    publish(out, {"buyers": BUYERS}, NONE_REFUSED)
    rates = pa.table({"currency": ["USD"], "quoted_on": [date(2024, 1, 1)], "rate": [0.9]})
    add_tables(out, {"fx": rates})
    assert set(read_tables(out)) == {"buyers", "fx"}
    assert pq.read_table(out / "fx.parquet")["rate"].to_pylist() == [0.9]
    assert [path.name for path in tmp_path.iterdir()] == ["p"]
