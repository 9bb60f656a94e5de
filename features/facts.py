"""Facts: the raw tables as NumPy arrays, the rows of one buyer contiguous.

The same arrays hold one buyer in a request, a partition on Spark or a whole portfolio; every
feature is computed from them. Dates are int32 days since 1970-01-01; a date that has not come
(or a null) is NEVER, so "paid by as_of_date" is one comparison.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.tables import TABLES, Kind, Table, conform

NEVER = np.int32(2**31 - 1)


@dataclass(frozen=True)
class Rows:
    """One raw table: the rows of owner `o` are `start[o]:start[o + 1]` of each column.

    The owner is a buyer or, in shared tables (fx, country_risk, sector_risk), a code into the
    labels of the first key column. Dates are int32 days, amounts and numbers float64 (null is
    NaN), flags float64 (0, 1, NaN), ids and codes int32 into `labels[column]` (null is -1).
    `known` is the knowledge day of each row.
    """

    start: NDArray[np.int64]
    columns: Mapping[str, NDArray]
    labels: Mapping[str, NDArray[np.str_]]
    known: NDArray[np.int32]

    def __getitem__(self, column: str) -> NDArray:
        return self.columns[column]

    def __len__(self) -> int:
        return len(self.known)

    def code(self, column: str, label: str) -> int:
        """The code of `label` in a coded column, -1 where no row has it."""
        found = np.flatnonzero(self.labels[column] == label)
        return int(found[0]) if len(found) else -1


@dataclass(frozen=True)
class Keys:
    """Which feature rows to build: buyer codes (into Facts.buyer_ids) and as_of days."""

    buyer: NDArray[np.int64]
    as_of: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.buyer)


@dataclass(frozen=True)
class Facts:
    """Everything known about a set of buyers. `tables` holds every raw table, empty if absent;
    `currency` is the one all amounts are converted to, and the meaning of a null currency."""

    buyer_ids: NDArray[np.str_]
    tables: Mapping[str, Rows]
    currency: str = "EUR"

    def __getitem__(self, table: str) -> Rows:
        return self.tables[table]

    @cached_property
    def code_of(self) -> dict[str, int]:
        """The code of each buyer_id."""
        return {buyer_id: code for code, buyer_id in enumerate(self.buyer_ids.tolist())}

    def keys(self, buyer_ids: list[str], as_of: NDArray) -> Keys:
        """Keys for (buyer_id, as_of_date) pairs; KeyError names a buyer that is not here."""
        codes = np.fromiter((self.code_of[b] for b in buyer_ids), np.int64, len(buyer_ids))
        return Keys(codes, np.asarray(as_of, "datetime64[D]").astype(np.int32))

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table], currency: str = "EUR") -> "Facts":
        """Facts of all buyers in `tables["buyers"]`; a row of an unknown buyer is an error."""
        ids = _sorted_unique(tables["buyers"]["buyer_id"])
        empty = {name: conform(name, tables[name]) if name in tables else None for name in TABLES}
        rows = {
            name: _rows(
                TABLES[name],
                pa.table([[]] * len(TABLES[name].columns), TABLES[name].schema)
                if frame is None
                else frame,
                ids,
            )
            for name, frame in empty.items()
        }
        return cls(ids.to_numpy(zero_copy_only=False).astype(str), rows, currency)


def _rows(table: Table, frame: pa.Table, buyer_ids: pa.Array) -> Rows:
    key = "buyer_id" if table.of_buyer else table.key[0]
    owners = buyer_ids if table.of_buyer else _sorted_unique(frame[key])
    frame, start = _by_owner(table.name, frame, key, owners)
    columns, labels = {}, {}
    for column in table.columns:
        if column.name == "buyer_id":
            continue
        columns[column.name], names = _array(column.kind, frame[column.name])
        if names is not None:
            labels[column.name] = names
    return Rows(start, columns, labels, _known(table, columns, frame.num_rows))


def _sorted_unique(column: pa.ChunkedArray) -> pa.Array:
    values = pc.unique(column.combine_chunks())
    return values.take(pc.sort_indices(values))


def _by_owner(
    name: str, frame: pa.Table, key: str, owners: pa.Array
) -> tuple[pa.Table, NDArray[np.int64]]:
    """The frame with the rows of each owner together, and where each owner starts."""
    runs = pc.run_end_encode(frame[key].combine_chunks(), run_end_type=pa.int64())
    codes = pc.index_in(runs.values, value_set=owners)
    if codes.null_count:
        stranger = runs.values.filter(codes.is_null())[0].as_py()
        raise ValueError(f"table {name!r}: {key} {stranger!r} is not in table 'buyers'")
    run_codes = codes.to_numpy(zero_copy_only=False).astype(np.int64)
    lengths = np.diff(runs.run_ends.to_numpy(), prepend=0)
    if not (np.diff(run_codes) > 0).all():
        row_codes = np.repeat(run_codes, lengths)
        frame = frame.take(pa.array(np.argsort(row_codes, kind="stable")))
    counts = np.bincount(run_codes, weights=lengths, minlength=len(owners)).astype(np.int64)
    return frame, np.concatenate([[0], np.cumsum(counts)])


def _array(kind: Kind, column: pa.ChunkedArray) -> tuple[NDArray, NDArray[np.str_] | None]:
    values = column.combine_chunks()
    if kind == "date":
        days = values.cast(pa.int32())
        return (days if not days.null_count else days.fill_null(int(NEVER))).to_numpy(), None
    if kind == "flag":
        return values.cast(pa.uint8()).cast(pa.float64()).to_numpy(zero_copy_only=False), None
    if kind in ("amount", "number"):
        return values.to_numpy(zero_copy_only=False), None
    coded = values.dictionary_encode()
    codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, coded.dictionary.to_numpy(zero_copy_only=False).astype(str)


def _known(table: Table, columns: Mapping[str, NDArray], rows: int) -> NDArray[np.int32]:
    if table.event_on is None or table.known_on is None:
        return np.full(rows, np.iinfo(np.int32).min, np.int32)  # identity: always known
    known = columns[table.known_on]
    if table.known_on == table.event_on:
        return known
    event = columns[table.event_on]
    # A fact cannot be known before it happened, whatever the source says.
    return np.where(known == NEVER, event + np.int32(table.lag_days), np.maximum(known, event))
