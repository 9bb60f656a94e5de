"""One raw table as NumPy arrays: the rows of one owner contiguous, columns converted on demand.

Dates are int32 days since 1970-01-01; a date that has not come (or a null) is NEVER, so "paid by
as_of_date" is one comparison. Arrow's buffers are used where they are: no copy is made but for
nulls, codes, and tables whose owners are scattered.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.parallel import over_slices
from features.strings import short_codes
from features.tables import ARROW_TYPES, TABLES, Kind, Table, known_columns

NEVER = np.int32(2**31 - 1)

CODED: frozenset[Kind] = frozenset({"id", "code", "text"})
WORTH_A_THREAD = 131_072  # rows of strings to encode
WORTH_A_RUN = 1_000  # rows to look for runs in
EVERY = slice(None)

Value = TypeVar("Value")


@dataclass(frozen=True)
class Rows:
    """One raw table: the rows of owner `o` are `start[o]:start[o + 1]` of each column.

    The owner is a buyer or, in shared tables (fx, country_risk, sector_risk), a code into the
    labels of the first key column. Dates are int32 days, amounts and numbers float64 (null is
    NaN), flags float64 (0, 1, NaN), ids and codes int32 into `labels[column]` (null is -1).
    `known` is the knowledge day of each row; `arrow` the columns as they came.
    """

    start: NDArray[np.int64]
    columns: Mapping[str, NDArray]
    labels: Mapping[str, NDArray[np.str_]]
    known: NDArray[np.int32]
    arrow: Mapping[str, pa.Array] = field(default_factory=dict, repr=False)

    def __getitem__(self, column: str) -> NDArray:
        return self.columns[column]

    def __len__(self) -> int:
        return len(self.known)

    def raw(self, column: str, part: slice = EVERY) -> pa.Array:
        """Some rows of a column as they came."""
        return self.arrow[column][part]

    def values(self, column: str, part: slice = EVERY) -> list[Any]:
        """The same, a value each."""
        return self.raw(column, part).to_pylist()

    def code(self, column: str, label: str) -> int:
        """The code of `label` in a coded column, -1 where no row has it."""
        found = np.flatnonzero(self.labels[column] == label)
        return int(found[0]) if len(found) else -1

    def all_are(self, column: str, label: str) -> bool:
        """Whether every row has this label, or null."""
        values = self.raw(column)
        if values.null_count == len(values):
            return True
        same = over_slices(
            lambda part: pc.all(pc.equal(values[part], label)).as_py(), len(values), WORTH_A_THREAD
        )
        return False not in same

    @classmethod
    def of(cls, name: str, frame: pa.Table, buyer_ids: pa.Array) -> "Rows":
        """The rows of table `name`; ValueError names a buyer that is not in `buyer_ids`."""
        table, found = TABLES[name], known_columns(name, frame)
        key = "buyer_id" if table.of_buyer else table.key[0]
        owners = buyer_ids if table.of_buyer else sorted_unique(found[key])
        start, order = _by_owner(name, key, found[key], owners)
        kinds, count = table.kinds, frame.num_rows

        arrow = _OnDemand(
            lambda column: (
                _taken(found[column], order)
                if column in found
                else pa.nulls(count, ARROW_TYPES[kinds[column]])
            )
        )
        coded = _OnDemand(lambda column: _coded(kinds[column], arrow[column]))
        labels = _OnDemand(lambda column: texts(coded[column].labels))
        columns = _OnDemand(
            lambda column: read_only(
                coded[column].codes()
                if kinds[column] in CODED
                else _values(kinds[column], arrow[column])
            )
        )
        known = read_only(_known(table, columns, count))
        return cls(read_only(start), columns, labels, known, arrow)

    @classmethod
    def none(cls, name: str, buyers: int) -> "Rows":
        """A table without rows."""
        start = np.zeros(buyers + 1 if TABLES[name].of_buyer else 1, np.int64)
        empty = _nothing(name)
        return cls(read_only(start), empty.columns, empty.labels, empty.known, empty.arrow)


@cache
def _nothing(name: str) -> Rows:
    return Rows.of(name, TABLES[name].schema.empty_table(), pa.array([], pa.string()))


class _OnDemand(dict[str, Value]):
    """A mapping whose values are made when first read."""

    def __init__(self, make: Callable[[str], Value]) -> None:
        self._make = make

    def __missing__(self, name: str) -> Value:
        value = self[name] = self._make(name)
        return value


def sorted_unique(column: pa.ChunkedArray) -> pa.Array:
    """The distinct values of a column of strings, in order."""
    values = _whole(column)
    if len(values) == 1 or pc.all(pc.less(values[:-1], values[1:]), skip_nulls=False).as_py():
        return values
    values = pc.unique(values)
    return values.take(pc.sort_indices(values))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """The column in one piece, without a copy where it is in one already."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def texts(values: pa.Array) -> NDArray[np.str_]:
    """Arrow strings as NumPy ones."""
    return values.to_numpy(zero_copy_only=False).astype(str)


def _by_owner(
    name: str, key: str, column: pa.ChunkedArray, owners: pa.Array
) -> tuple[NDArray[np.int64], pa.Array | None]:
    """Where each owner starts, and the order that brings its rows together (None: they are)."""
    if not len(column):
        return np.zeros(len(owners) + 1, np.int64), None
    values = _whole(column)
    if values.equals(owners):  # the table of buyers itself
        return np.arange(len(owners) + 1), None
    values, lengths = _runs(values)
    if values.equals(owners):  # every buyer trades
        return np.concatenate([[0], np.cumsum(lengths)]), None
    found = pc.index_in(values, value_set=owners)
    if found.null_count:
        stranger = values.filter(found.is_null())[0].as_py()
        raise ValueError(f"table {name!r}: {key} {stranger!r} is not in table 'buyers'")
    codes = found.to_numpy()
    counts = np.bincount(codes, weights=lengths, minlength=len(owners)).astype(np.int64)
    start = np.concatenate([[0], np.cumsum(counts)])
    if (np.diff(codes) >= 0).all():
        return start, None
    return start, pa.array(np.argsort(np.repeat(codes, lengths), kind="stable"))


def _runs(values: pa.Array) -> tuple[pa.Array, NDArray[np.int64]]:
    """Runs of equal values on end, and their lengths; each value alone where there are few."""
    if len(values) < WORTH_A_RUN:
        return values, np.ones(len(values), np.int64)
    if values.null_count == len(values):
        return values[:1], np.array([len(values)])
    changes = over_slices(partial(_changes, values), len(values) - 1, WORTH_A_THREAD)
    bounds = np.concatenate([[0], *changes, [len(values)]])
    return values.take(pa.array(bounds[:-1])), bounds[1:] - bounds[:-1]


def _changes(values: pa.Array, part: slice) -> NDArray[np.int64]:
    """The rows of 1 + part whose value is not that of the row before; a null counts as a change."""
    before, after = values[part], values[part.start + 1 : part.stop + 1]
    differ = pc.not_equal(before, after)
    if differ.null_count:
        differ = differ.fill_null(True)
    return pc.indices_nonzero(differ).to_numpy().astype(np.int64) + part.start + 1


class _Coded(NamedTuple):
    """Strings as codes into labels, each code standing for `lengths` rows (None: for one)."""

    labels: pa.Array
    indices: pa.Array
    lengths: NDArray[np.int64] | None

    def codes(self) -> NDArray[np.int32]:
        """One code a row, -1 for null."""
        codes = _filled(self.indices, -1).to_numpy()
        return codes if self.lengths is None else np.repeat(codes, self.lengths)


def _coded(kind: Kind, values: pa.Array) -> _Coded:
    lengths = None
    # Few codes, and often the same for rows on end, like a currency.
    if kind == "code" and len(values) >= WORTH_A_RUN:
        values, lengths = _runs(values)
    parts = over_slices(lambda part: _dictionary(values[part]), len(values), WORTH_A_THREAD)
    whole = parts[0]
    if len(parts) > 1:
        whole = pa.chunked_array(parts).unify_dictionaries().combine_chunks()
    return _Coded(whole.dictionary, whole.indices, lengths)


def _dictionary(values: pa.Array) -> pa.DictionaryArray:
    short = short_codes(values) if len(values) >= WORTH_A_THREAD else None
    return values.dictionary_encode() if short is None else pa.DictionaryArray.from_arrays(*short)


def _taken(column: pa.ChunkedArray, order: pa.Array | None) -> pa.Array:
    values = _whole(column)
    return values if order is None else values.take(order)


def _values(kind: Kind, values: pa.Array) -> NDArray:
    if kind == "date":
        return _filled(values.view(pa.int32()), int(NEVER)).to_numpy()
    if kind == "flag":
        values = values.cast(pa.uint8()).cast(pa.float64())
    return values.to_numpy(zero_copy_only=False)


def _filled(values: pa.Array, null: int) -> pa.Array:
    return values.fill_null(null) if values.null_count else values


def read_only(array: NDArray) -> NDArray:
    """The array, never to be written: one type for the kernels to be compiled for."""
    array.flags.writeable = False
    return array


def _known(table: Table, columns: Mapping[str, NDArray], rows: int) -> NDArray[np.int32]:
    if table.event_on is None or table.known_on is None:
        return np.full(rows, np.iinfo(np.int32).min, np.int32)  # identity: always known
    known = columns[table.known_on]
    if table.known_on == table.event_on:
        return known
    event = columns[table.event_on]
    # A fact cannot be known before it happened, whatever the source says.
    return np.where(known == NEVER, event + np.int32(table.lag_days), np.maximum(known, event))
