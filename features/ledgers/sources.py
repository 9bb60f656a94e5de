"""Files and queries as columns of text, so that one mapping reads them all."""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fnmatch import fnmatch
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from features.ledgers.delimited import HEADER_WITHIN, read_delimited
from features.ledgers.extract import Extract, Wanted, missing, require, unique_names
from features.ledgers.mapping import Format, TableMapping

WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")


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
            raise ValueError(f"a section lacks its query, which {make_url(source)} needs")
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
    """The rows of a Parquet file, a workbook, or else a CSV file.

    Raises ValueError naming the file where it lacks a column of `wanted` or cannot be read.
    """
    if path.suffix.lower() == ".parquet":
        return _read_parquet(path, form, wanted)
    if path.suffix.lower() in WORKBOOKS:
        return _read_workbook(path, form, wanted)
    return read_delimited(path, form, wanted)


def read_query(url: str, query: str, form: Format, wanted: Wanted) -> Extract:
    """The rows of a SQL query; `url` is SQLAlchemy's, and its password is never shown.

    Raises ValueError where the database does not answer, or the query lacks a column of `wanted`.
    """
    source = make_url(url).render_as_string(hide_password=True)
    try:
        engine = create_engine(url)
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
    table = pq.read_table(path)
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
        cells = pd.read_excel(
            path, sheet_name=form.sheet or 0, header=None, dtype=object, engine="calamine"
        )
    except ImportError as error:
        raise ValueError(f"{path}: {error} (or save the sheet as CSV)") from error
    rows = cells.astype(object).where(cells.notna(), None).to_numpy().tolist()
    for at, row in enumerate(islice(rows, HEADER_WITHIN), 1):
        names = unique_names(["" if cell is None else cell for cell in row])
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
        return cell
    if isinstance(cell, date):  # or datetime
        return cell.isoformat()
    if isinstance(cell, float | Decimal):
        if math.isnan(cell):
            return None
        whole = isinstance(cell, float) and cell.is_integer()
        return (str(int(cell)) if whole else str(cell)).replace(".", (form.decimal or "."))
    return str(cell)
