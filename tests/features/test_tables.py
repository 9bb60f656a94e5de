"""Raw tables keep their schema at rest, and say what is missing."""

from datetime import date

import pyarrow as pa
import pytest

from features.tables import TABLES, conform, read_tables, write_tables

BUYERS = pa.table({"buyer_id": ["B1", "B2"], "country": ["FR", "DE"]})


def test_absent_optional_columns_are_null_and_order_is_the_schemas() -> None:
    conformed = conform("buyers", BUYERS)
    assert conformed.schema.equals(TABLES["buyers"].schema)
    assert conformed["sector"].null_count == 2


def test_a_missing_required_column_is_named() -> None:
    with pytest.raises(ValueError, match="country"):
        conform("buyers", BUYERS.drop_columns("country"))


def test_a_column_of_another_kind_is_named() -> None:
    with pytest.raises(ValueError, match="founded_on"):
        conform("buyers", BUYERS.append_column("founded_on", pa.array(["soon", "late"])))


def test_what_is_written_is_read(tmp_path) -> None:
    invoice = {"invoice_id": "I1", "buyer_id": "B1", "amount": 12.5}
    days = {"issued_on": date(2025, 1, 31), "due_on": date(2025, 3, 2)}
    invoices = pa.Table.from_pylist([invoice | days])
    write_tables({"buyers": BUYERS, "invoices": invoices}, tmp_path)
    read = read_tables(tmp_path)
    assert set(read) == {"buyers", "invoices"}
    assert read["invoices"].equals(conform("invoices", invoices))


def test_a_folder_without_buyers_says_how_to_make_one(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="encours generate"):
        read_tables(tmp_path)


def test_every_table_has_its_dates_and_required_columns_in_its_schema() -> None:
    for table in TABLES.values():
        names = {column.name for column in table.columns}
        assert {*table.key, *table.required} <= names
        assert {table.event_on, table.known_on} - {None} <= names
