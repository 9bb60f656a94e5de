"""Facts as files that every process maps: one copy in memory, and ready at once.

A folder holds each raw table as an Arrow file and each of its arrays as NumPy's own `.npy`. What
one worker has read of them the others share, and a folder that is deleted serves on while it is
mapped. `python -m features.mapped PORTFOLIO CURRENCY FOLDER` writes one, in a process of its own.
"""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts import Facts
from features.payments.part_payments import Parts
from features.payments.receivables import Receivables
from features.rows import CODED, Rows
from features.tables import TABLES, Table, read_tables

FORMAT = 3  # of the folder
ABOUT = "facts.json"
BOOK = ("issued", "due", "settled", "disputed", "amount", "currency", "supplier")  # its arrays


@cache
def layout() -> str:
    """Changes with the format and with any table or column; part of the name of a kept folder."""
    columns = [(name, c.name, c.kind) for name, table in TABLES.items() for c in table.columns]
    return f"{FORMAT}-{sha256(repr(columns).encode()).hexdigest()[:8]}"


def write_mapped(facts: Facts, folder: Path) -> None:
    """Write `facts` as `folder`, whole or not at all; one that is there already stays."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        arrays = {"buyer_ids": facts.buyer_ids}
        for name, rows in facts.tables.items():
            _write_arrow(rows, TABLES[name], draft)
            arrays |= {f"{name}.{part}": array for part, array in _arrays(rows, TABLES[name])}
        book = facts.receivables
        arrays |= {f"receivables.{name}": getattr(book, name) for name in BOOK}
        arrays |= {f"parts.{name}": getattr(book.parts, name) for name in Parts._fields}
        _save(arrays, draft)
        about = {
            "currency": facts.currency,
            "foreign": sorted(facts.foreign),
            "suppliers": book.suppliers,
        }
        (draft / ABOUT).write_text(json.dumps(about))
        draft.rename(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        if not (folder / ABOUT).is_file():  # else another process was quicker
            raise


def open_mapped(folder: Path) -> Facts:
    """The facts in `folder`. FileNotFoundError where there are none."""
    about = json.loads((folder / ABOUT).read_text())
    tables = {name: _open_rows(name, folder) for name in TABLES}
    facts = Facts(tables["buyers"].arrow["buyer_id"], tables, about["currency"])
    # What facts compute once, on demand, was computed before they were written.
    vars(facts).update(
        foreign=frozenset(about["foreign"]),
        buyer_ids=_mapped(folder / "buyer_ids.npy"),
        receivables=_open_receivables(tables["invoices"].start, folder, about["suppliers"]),
    )
    return facts


def _write_arrow(rows: Rows, table: Table, folder: Path) -> None:
    at_rest = pa.table({column: rows.arrow[column] for column in table.schema.names})
    with pa.ipc.new_file(str(folder / f"{table.name}.arrow"), at_rest.schema) as writer:
        writer.write_table(at_rest, max_chunksize=max(len(rows), 1))


def _arrays(rows: Rows, table: Table) -> Iterator[tuple[str, NDArray]]:
    yield "start", rows.start
    yield "known", rows.known
    for column in _converted(table):
        yield f"column.{column}", rows[column]
    for column in _coded(table):
        yield f"labels.{column}", rows.labels[column]


def _save(arrays: Mapping[str, NDArray], folder: Path) -> None:
    """Write each array; equal ones are one file with several names, and one copy in memory."""
    written: dict[bytes, Path] = {}
    for name, array in arrays.items():
        path = folder / f"{name}.npy"
        about = f"{array.dtype}{array.shape}".encode()
        content = sha256(about + np.ascontiguousarray(array).tobytes()).digest()
        if content in written:
            path.hardlink_to(written[content])
        else:
            np.save(path, array)
            written[content] = path


def _converted(table: Table) -> list[str]:
    return [c.name for c in table.columns if c.kind not in CODED] + _coded(table)


def _coded(table: Table) -> list[str]:
    """Columns that are read as codes: what identifies a row says nothing as a number."""
    own = ("invoice_id", "buyer_id", "registration_number", "vat_number")
    return [c.name for c in table.columns if c.kind in CODED and c.name not in own]


def _open_rows(name: str, folder: Path) -> Rows:
    table = TABLES[name]
    return Rows(
        _mapped(folder / f"{name}.start.npy"),
        {c: _mapped(folder / f"{name}.column.{c}.npy") for c in _converted(table)},
        {c: _mapped(folder / f"{name}.labels.{c}.npy") for c in _coded(table)},
        _mapped(folder / f"{name}.known.npy"),
        _open_arrow(folder / f"{name}.arrow"),
    )


def _open_arrow(path: Path) -> Mapping[str, pa.Array]:
    batch = pa.ipc.open_file(pa.memory_map(str(path))).read_all().combine_chunks()
    return {
        name: column.chunk(0) if column.num_chunks else pa.nulls(0, column.type)
        for name, column in zip(batch.column_names, batch.columns, strict=True)
    }


def _open_receivables(start: NDArray[np.int64], folder: Path, suppliers: int) -> Receivables:
    parts = Parts(*(_mapped(folder / f"parts.{name}.npy") for name in Parts._fields))
    book = {name: _mapped(folder / f"receivables.{name}.npy") for name in BOOK}
    return Receivables(start=start, suppliers=suppliers, parts=parts, **book)


def _mapped(path: Path) -> NDArray:
    """The array, of NumPy's plain type, for which kernels are compiled; never to be written."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


if __name__ == "__main__":
    portfolio, currency, out = sys.argv[1:]
    write_mapped(Facts.of(read_tables(Path(portfolio)), currency), Path(out))
