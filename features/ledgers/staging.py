"""A portfolio appears whole or not at all: it is written aside, then takes its place."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from features.tables import TABLES, Tables, write_tables

REFUSED_FILE = "refused.csv"


def publish(
    out: Path, tables: Tables, refused: pa.Table, extra: Mapping[str, pa.Table] | None = None
) -> None:
    """Make `out` the portfolio of these tables, refused rows beside them, replacing what an import
    wrote there before. `extra` are further Parquet files, by file name.

    Raises FileExistsError where `out` holds anything else, and changes nothing then.
    """
    out = out.resolve()
    ours = {*(f"{name}.parquet" for name in TABLES), *(extra or {}), REFUSED_FILE}
    if out.exists() and (strange := sorted({path.name for path in out.iterdir()} - ours)):
        raise FileExistsError(
            f"{out} holds {strange[0]}, which no import wrote: give another --out"
        )
    old = out.with_name(f".{out.name}.old-{os.getpid()}")
    with _staged(out, tables) as staged:
        for name, frame in (extra or {}).items():
            pq.write_table(frame, staged / name)
        order = [(column, "ascending") for column in ("table", "file", "line")]
        pa_csv.write_csv(refused.sort_by(order), staged / REFUSED_FILE)
        if out.exists():
            out.rename(old)
        staged.rename(out)
    shutil.rmtree(old, ignore_errors=True)


def add_tables(out: Path, tables: Tables) -> None:
    """Put these tables into the portfolio `out`, replacing those of the same name."""
    out = out.resolve()
    with _staged(out, tables) as staged:
        out.mkdir(exist_ok=True)
        for path in staged.iterdir():
            path.replace(out / path.name)


@contextmanager
def _staged(out: Path, tables: Tables) -> Iterator[Path]:
    """A folder beside `out` with the tables written, gone at the end whatever happens."""
    staged = out.with_name(f".{out.name}.new-{os.getpid()}")
    try:
        write_tables({name: _sorted(name, frame) for name, frame in tables.items()}, staged)
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def _sorted(name: str, frame: pa.Table) -> pa.Table:
    """By buyer, then event, then key: the order portfolios are read in."""
    table = TABLES[name]
    owner = ["buyer_id"] if table.of_buyer else []
    event = [table.event_on] if table.event_on and table.of_buyer else []
    columns = dict.fromkeys([*owner, *event, *table.key])
    return frame.sort_by([(column, "ascending") for column in columns])
