"""Files and queries as columns of text, so that one mapping reads them all."""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from python_calamine import CalamineError, load_workbook
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from features.ledgers.delimited import HEADER_WITHIN, read_delimited
from features.ledgers.extract import Extract, Wanted, missing, require, unique_names
from features.ledgers.mapping import Format, TableMapping

# How files begin, whatever they are called: SAP exports text as .xls.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx, .xlsm, .ods; .xls
_PARQUET = b"PAR1"


def read_source(
    source: Path | str, section: TableMapping, wanted: Wanted, is_first: bool
) -> list[Extract]:
    """What a source holds for one section of a mapping: its query of a database (a SQLAlchemy URL),
    or the files of a folder by its pattern.

    A single file is that of the mapping's first section and of those without a pattern; the others
    look beside it. Raises FileNotFoundError where there is no such file or folder.
    """
    if isinstance(source, str) and "://" in source:
        if section.query is None and not section.optional:
            raise ValueError(f"give `query`, a SELECT, in the mapping: {make_url(source)} needs it")
        queries = [section.query] if section.query else []
        return [read_query(source, query, section.format, wanted) for query in queries]
    files = _files(Path(source), section, is_first)
    return [read_file(path, section.format, wanted) for path in files]


def _files(source: Path, section: TableMapping, is_first: bool) -> list[Path]:
    if not source.exists():
        raise FileNotFoundError(f"no file or folder {source}")
    if source.is_file() and (is_first or not section.file):
        return [source]
    if not section.file:
        raise ValueError(f"{source} is a folder: give `file`, a pattern, in the mapping")
    folder = source if source.is_dir() else source.parent
    return [
        path
        for path in sorted(folder.iterdir())
        if any(fnmatch(path.name.lower(), pattern.lower()) for pattern in section.file)
    ]


def read_file(path: Path, form: Format, wanted: Wanted) -> Extract:
    """The rows of a Parquet file, a workbook, or else a CSV file, told by how it begins.

    Raises ValueError naming the file where it lacks a column of `wanted` or cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start == _PARQUET:
        return _read_parquet(path, form, wanted)
    if start in _WORKBOOKS:
        return _read_workbook(path, form, wanted)
    return read_delimited(path, form, wanted)


def read_query(url: str, query: str, form: Format, wanted: Wanted) -> Extract:
    """The rows of a SQL query; `url` is SQLAlchemy's, and its password is never shown.

    Raises ValueError where the database does not answer, or the query lacks a column of `wanted`.
    """
    address = make_url(url)
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")  # the driver we bring
    source = address.render_as_string(hide_password=True)
    try:
        engine = create_engine(address)
        with engine.connect().execution_options(yield_per=100_000) as connection:
            result = connection.execute(text(query))
            names = unique_names(list(result.keys()))
            chunks = [_text_table(names, rows, form) for rows in result.partitions()]
        engine.dispose()
    except (SQLAlchemyError, ImportError) as error:
        raise ValueError(f"{source}: {error}") from error
    require(source, names, wanted)
    rows = pa.concat_tables([_text_table(names, [], form), *chunks])
    return Extract(source, rows, np.arange(1, rows.num_rows + 1), typed=True).without_blanks()


def _read_parquet(path: Path, form: Format, wanted: Wanted) -> Extract:
    try:
        table = pq.read_table(path)
    except pa.ArrowException as error:
        raise ValueError(f"{path}: {error}") from error
    names = unique_names(table.column_names)
    require(str(path), names, wanted)
    rows = pa.table([_column_text(column, form) for column in table.columns], names)
    return Extract(path.name, rows, np.arange(1, rows.num_rows + 1), typed=True).without_blanks()


def _column_text(column: pa.ChunkedArray, form: Format) -> pa.ChunkedArray:
    """Values as the mapping's format writes them: ISO dates, its decimal sign; NaN is null."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    column = column.cast(pa.string())
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        column = pc.replace_substring(column, ".", (form.decimal or "."))
    return column


def _read_workbook(path: Path, form: Format, wanted: Wanted) -> Extract:
    try:
        workbook = load_workbook(path)
        name = form.sheet or workbook.sheet_names[0]
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except CalamineError as error:
        raise ValueError(f"{path}: {error} (or save the sheet as CSV)") from error
    for at, row in enumerate(rows[:HEADER_WITHIN], 1):
        names = unique_names([str(cell) for cell in row])
        if not missing(names, wanted):
            table = _text_table(names, rows[at:], form)
            line = np.arange(at + 1, len(rows) + 1)
            return Extract(path.name, table, line, typed=True).without_blanks()
    require(str(path), [str(cell) for cell in rows[0]] if rows else [], wanted)
    raise ValueError(f"{path}: the sheet has no row with all its columns")


def _text_table(names: Sequence[str], rows: Iterable[Sequence[Any]], form: Format) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table(
        [pa.array([_cell_text(cell, form) for cell in c], pa.string()) for c in columns],
        names=list(names),
    )


def _cell_text(cell: Any, form: Format) -> str | None:
    """One cell as the mapping's format writes it."""
    if cell is None or isinstance(cell, str):
        return cell or None
    if isinstance(cell, date):  # or datetime
        return cell.isoformat()
    if isinstance(cell, float | Decimal):
        if math.isnan(cell):
            return None
        whole = isinstance(cell, float) and cell.is_integer()
        return (str(int(cell)) if whole else str(cell)).replace(".", (form.decimal or "."))
    return str(cell)
