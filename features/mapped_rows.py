"""One raw table of which only the arrays are kept, and what they do not say.

What came is made of the arrays again: a column in Arrow beside its array would take the memory of
both.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.rows import CODED, EVERY, NEVER, Rows
from features.tables import BUYER_ID, BUYERS, Column, Kind, Table

# Columns without an array: what identifies a row says nothing as a number.
OWN = ("invoice_id", "buyer_id", "registration_number", "vat_number")


@dataclass(frozen=True)
class MappedRows(Rows):
    """Rows whose `arrow` holds only what their arrays do not give back; `owners` are the buyers."""

    table: Table = field(kw_only=True)
    owners: pa.Array = field(kw_only=True, repr=False)

    def raw(self, column: str, part: slice = EVERY) -> pa.Array:
        """Some rows of a column as they came."""
        if column in self.arrow:
            return super().raw(column, part)
        if column == "buyer_id":
            rows = np.arange(*part.indices(len(self)))
            return self.owners.take(pa.array(np.searchsorted(self.start, rows, "right") - 1))
        return pa.array(self.values(column, part), self.table.schema.field(column).type)

    def values(self, column: str, part: slice = EVERY) -> list[Any]:
        """The same, a value each."""
        if column in self.arrow or column in OWN:
            return super().values(column, part)
        kind, values = self.table.kinds[column], self.columns[column][part]
        return as_given(kind, values, self.labels[column] if kind in CODED else None)


def converted(table: Table) -> list[str]:
    """The columns of a table that have an array."""
    return [c.name for c in table.columns if c.name not in OWN]


def coded(table: Table) -> list[str]:
    """Those of them that hold codes, of labels."""
    return [name for name in converted(table) if table.kinds[name] in CODED]


def not_given_back(rows: Rows, table: Table) -> dict[str, pa.Array]:
    """The columns that the arrays do not give back; of the buyers all, which are searched."""
    return {
        column.name: rows.raw(column.name)
        for column in table.columns
        if table is BUYERS or _tells_more(rows, column)
    }


def as_given(kind: Kind, values: NDArray, labels: NDArray[np.str_] | None = None) -> list[Any]:
    """An array of `Rows` as the values it was made from: texts, dates, numbers, flags, or None.

    >>> as_given("code", np.array([1, -1]), np.array(["EUR", "USD"]))
    ['USD', None]
    """
    null = _null(kind, values)
    nulls = np.count_nonzero(null)
    if nulls == len(values):
        return [None] * len(values)
    if labels is not None:
        values = labels[values]
    elif kind == "date":
        values = values.astype("datetime64[D]")
    elif kind == "flag":
        values = values == 1.0
    given: list[Any] = values.tolist()
    if not nulls:
        return given
    return [None if no else one for no, one in zip(null.tolist(), given, strict=True)]


def _tells_more(rows: Rows, column: Column) -> bool:
    """Whether a column tells more than its array: names of rows, and what only looks like null, as
    NaN does, or loses its end in NumPy, as text that ends in a zero byte."""
    if column.name in OWN:
        return column != BUYER_ID
    raw, null = rows.raw(column.name), _null(column.kind, rows[column.name])
    if np.count_nonzero(null) != raw.null_count:
        return True
    return column.kind in CODED and bool(pc.any(pc.ends_with(raw, "\0")).as_py())


def _null(kind: Kind, values: NDArray) -> NDArray[np.bool_]:
    """Where an array of `Rows` says null."""
    if kind in CODED:
        return values < 0
    return values == NEVER if kind == "date" else np.isnan(values)
