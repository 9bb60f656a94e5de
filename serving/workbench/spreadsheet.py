"""Tables for spreadsheets: CSV, with no cell that a spreadsheet would take for a formula."""

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

MARK = b"\xef\xbb\xbf"  # tells Excel that what follows is UTF-8


def csv_bytes(table: pa.Table, *, header: bool = True) -> bytes:
    """Lines of a table; with the header comes the mark of UTF-8."""
    target = io.BytesIO()
    pa_csv.write_csv(harmless(table), target, pa_csv.WriteOptions(include_header=header))
    return (MARK if header else b"") + target.getvalue()


def harmless(table: pa.Table) -> pa.Table:
    """The table with an apostrophe before texts that begin like a formula.

    >>> harmless(pa.table({"name": ["=1+1", "Durand"]}))["name"].to_pylist()
    ["'=1+1", 'Durand']
    """
    columns = [
        pc.replace_substring_regex(column, r"^([=+\-@\t\r])", r"'\1")
        if pa.types.is_string(column.type)
        else column
        for column in table.columns
    ]
    return pa.table(columns, table.column_names)
