"""New accounts as a file: CSV or a workbook, a row a year, columns named as the raw table's."""

from pathlib import Path
from tempfile import TemporaryDirectory

from features.ledgers.extract import find_column
from features.ledgers.mapping import Format
from features.ledgers.sources import read_file
from features.tables import STATEMENTS
from serving.problems import FieldError, Problem

FIELD = "accounts_file"
LARGEST = 2**20  # bytes
MOST_YEARS = 5
NAMES = [name for name in STATEMENTS.schema.names if name not in ("buyer_id", "available_at")]


def read_accounts(name: str, content: bytes) -> list[dict[str, str]]:
    """The years of a file, column by column as text. Raises Problem saying what to correct."""
    if len(content) > LARGEST:
        raise _refused(name, f"send at most {LARGEST // 2**20} MiB: a row a year is enough")
    with TemporaryDirectory() as folder:
        path = Path(folder) / Path(name).name
        path.write_bytes(content)
        try:
            rows = read_file(path, Format(), [["closing_date"]]).rows
        except ValueError as error:
            told = str(error).replace(f"{folder}/", "")
            raise _refused(name, f"{told}; name the columns {', '.join(NAMES)}") from error
    if not 0 < len(rows) <= MOST_YEARS:
        raise _refused(name, f"give one to {MOST_YEARS} years, a row each, not {len(rows)}")
    columns = {item: find_column(item, rows.column_names) for item in NAMES}
    texts = {item: rows[column].to_pylist() for item, column in columns.items() if column}
    return [
        {item: text for item, column in texts.items() if (text := column[row])}
        for row in range(len(rows))
    ]


def _refused(name: str, remedy: str) -> Problem:
    return Problem("invalid-request", f"{name}: {remedy}", [FieldError(FIELD, name, remedy)])
