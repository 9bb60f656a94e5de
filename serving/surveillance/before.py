"""The run before, laid beside this one: its rows in the order of this run's buyers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from serving.surveillance.columns import CARRIED, MEMORY_COLUMNS, SNAPSHOT
from serving.surveillance.watch import Memory

NOBODY = pa.schema([SNAPSHOT.field(name) for name in CARRIED]).empty_table()


@dataclass(frozen=True)
class Before:
    """What was carried of each buyer, null for one who is new; `baseline`: there was no run."""

    rows: pa.Table
    baseline: bool

    @classmethod
    def of(cls, buyers: pa.ChunkedArray, previous: pa.Table | None) -> "Before":
        """The rows of `previous` (None: there was no run) for `buyers`, in their order."""
        rows = NOBODY if previous is None else previous
        place = pc.index_in(buyers, value_set=rows["buyer_id"])
        return cls(rows.take(place), previous is None)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which buyers were there."""
        return pc.is_valid(self.rows["buyer_id"]).to_numpy()

    def values(self, column: str) -> NDArray:
        """A column of numbers; 0 for who is new."""
        return pc.fill_null(self.rows[column], 0).to_numpy()

    def memory(self) -> Memory:
        """What was remembered."""
        return Memory(**{name: self.values(column) for name, column in MEMORY_COLUMNS.items()})
