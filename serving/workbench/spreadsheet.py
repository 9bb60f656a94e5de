"""Tables for spreadsheets: CSV, with no cell that a spreadsheet would take for a formula."""

import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
from starlette.responses import Response

MARK = b"\xef\xbb\xbf"  # tells Excel that what follows is UTF-8
CSV = "text/csv; charset=utf-8"


def csv_answer(table: pa.Table, name: str) -> Response:
    """A table to be saved as the file `name`."""
    return Response(csv_bytes(table), headers=saved_as(name), media_type=CSV)


def saved_as(name: str) -> dict[str, str]:
    """The header by which a browser saves an answer as the file `name`."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


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
