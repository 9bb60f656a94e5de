"""Facts as files that every process maps: one copy in memory, and ready at once.

A folder holds each array as NumPy's own `.npy`, and as an Arrow file what of a raw table its arrays
do not give back. What one worker has read of them the others share, and a folder that is deleted
serves on while it is mapped.
"""

import json
import shutil
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.facts import Facts
from features.mapped_rows import MappedRows, coded, converted, not_given_back
from features.payments.part_payments import Parts
from features.payments.receivables import Receivables
from features.rows import Rows
from features.tables import TABLES, Table

FORMAT = 4  # of the folder; another when anything in it is computed in another way
ABOUT = "facts.json"
BOOK = ("issued", "due", "settled", "disputed", "amount", "currency", "supplier")  # its arrays


@cache
def layout() -> str:
    """Changes with the format and with any table or column; part of the name of a kept folder."""
    columns = [(name, c.name, c.kind) for name, table in TABLES.items() for c in table.columns]
    return f"{FORMAT}-{sha256(repr(columns).encode()).hexdigest()[:8]}"


def write_mapped(facts: Facts, folder: Path, beside: Mapping[str, pa.Array] | None = None) -> None:
    """Write `facts` as `folder`, whole or not at all; one that is there already stays.

    What is `beside` them is for `open_arrow(folder / "NAME.arrow")`, under the same name.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        arrays = {"buyer_ids": facts.buyer_ids}
        for name, rows in facts.tables.items():
            _write_arrow(not_given_back(rows, TABLES[name]), draft / f"{name}.arrow")
            arrays |= {f"{name}.{part}": array for part, array in _arrays(rows, TABLES[name])}
        for name, values in (beside or {}).items():
            _write_arrow({name: values}, draft / f"{name}.arrow")
        book = facts.receivables
        arrays |= {f"receivables.{name}": getattr(book, name) for name in BOOK}
        arrays |= {f"parts.{name}": getattr(book.parts, name) for name in Parts._fields}
        about = {
            "currency": facts.currency,
            "foreign": sorted(facts.foreign),
            "suppliers": book.suppliers,
            "arrays": _save(arrays, draft),
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
    files = {file: _mapped(folder / file) for file in set(about["arrays"].values())}
    arrays = {name: files[file] for name, file in about["arrays"].items()}
    columns = {name: open_arrow(folder / f"{name}.arrow") for name in TABLES}
    buyers = columns["buyers"]["buyer_id"]
    tables = {name: _rows(table, arrays, columns[name], buyers) for name, table in TABLES.items()}
    facts = Facts(buyers, tables, about["currency"])
    # What facts compute once, on demand, was computed before they were written.
    vars(facts).update(
        foreign=frozenset(about["foreign"]),
        buyer_ids=arrays["buyer_ids"],
        receivables=_receivables(tables["invoices"].start, arrays, about["suppliers"]),
    )
    return facts


def open_arrow(path: Path) -> Mapping[str, pa.Array]:
    """The columns in an Arrow file, mapped."""
    batch = pa.ipc.open_file(pa.memory_map(str(path))).read_all().combine_chunks()
    return {
        name: column.chunk(0) if column.num_chunks else pa.nulls(0, column.type)
        for name, column in zip(batch.column_names, batch.columns, strict=True)
    }


def _write_arrow(columns: Mapping[str, pa.Array], path: Path) -> None:
    at_rest = pa.table(dict(columns))
    with pa.ipc.new_file(str(path), at_rest.schema) as writer:
        writer.write_table(at_rest, max_chunksize=max(len(at_rest), 1))


def _arrays(rows: Rows, table: Table) -> Iterator[tuple[str, NDArray]]:
    yield "start", rows.start
    yield "known", rows.known
    for column in converted(table):
        yield f"column.{column}", rows[column]
    for column in coded(table):
        yield f"labels.{column}", rows.labels[column]


def _save(arrays: Mapping[str, NDArray], folder: Path) -> dict[str, str]:
    """Write each array and say in which file; equal ones are one, and one copy in memory."""
    files: dict[bytes, str] = {}
    found = {}
    for name, array in arrays.items():
        about = f"{array.dtype}{array.shape}".encode()
        content = sha256(about + np.ascontiguousarray(array).tobytes()).digest()
        if content not in files:
            files[content] = f"{name}.npy"
            np.save(folder / files[content], array)
        found[name] = files[content]
    return found


def _rows(
    table: Table,
    arrays: Mapping[str, NDArray],
    arrow: Mapping[str, pa.Array],
    buyers: pa.Array,
) -> MappedRows:
    return MappedRows(
        arrays[f"{table.name}.start"],
        {c: arrays[f"{table.name}.column.{c}"] for c in converted(table)},
        {c: arrays[f"{table.name}.labels.{c}"] for c in coded(table)},
        arrays[f"{table.name}.known"],
        arrow,
        table=table,
        owners=buyers,
    )


def _receivables(
    start: NDArray[np.int64], arrays: Mapping[str, NDArray], suppliers: int
) -> Receivables:
    parts = Parts(*(arrays[f"parts.{name}"] for name in Parts._fields))
    book = {name: arrays[f"receivables.{name}"] for name in BOOK}
    return Receivables(start=start, suppliers=suppliers, parts=parts, **book)


def _mapped(path: Path) -> NDArray:
    """The array, of NumPy's plain type, for which kernels are compiled; never to be written."""
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
