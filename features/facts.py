"""Facts: everything known about a set of buyers, as arrays.

The same arrays hold one buyer in a request, a partition on Spark or a whole portfolio; every
feature is computed from them.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.payments.receivables import Receivables
from features.rows import NEVER, Rows, sorted_unique, texts
from features.tables import CURRENCY, TABLES

__all__ = ["NEVER", "Facts", "Keys", "Rows"]

Found = TypeVar("Found")


@dataclass(frozen=True)
class Keys:
    """Which feature rows to build: buyer codes (into Facts.buyer_ids) and as_of days."""

    buyer: NDArray[np.int64]
    as_of: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.buyer)

    @classmethod
    def on(cls, day: date, buyer: NDArray[np.int64]) -> "Keys":
        """The keys of these buyers, all on one day."""
        return cls(buyer, np.full(len(buyer), np.datetime64(day, "D").astype(np.int32)))


@dataclass(frozen=True)
class Facts:
    """Everything known about a set of buyers. `tables` holds every raw table, empty if absent;
    `currency` is the one all amounts are converted to, and the meaning of a null currency."""

    buyers: pa.Array
    tables: Mapping[str, Rows]
    currency: str = "EUR"

    def __getitem__(self, table: str) -> Rows:
        return self.tables[table]

    @cached_property
    def buyer_ids(self) -> NDArray[np.str_]:
        """Every buyer_id, sorted; its position is the buyer's code."""
        return texts(self.buyers)

    def code_of(self, buyer_id: str) -> int:
        """The code of a buyer, -1 where it is none of these."""
        code = int(np.searchsorted(self.buyer_ids, buyer_id))
        found = code < len(self.buyer_ids) and str(self.buyer_ids[code]) == buyer_id
        return code if found else -1

    def once(self, find: Callable[..., Found], *given: str) -> Found:
        """`find(self, *given)`, found once: what labels mean is the same for every request."""
        asked = (find, given)
        if asked not in self._found:
            self._found[asked] = find(self, *given)
        found: Found = self._found[asked]
        return found

    @cached_property
    def _found(self) -> dict[Hashable, Any]:
        return {}

    @cached_property
    def foreign(self) -> frozenset[str]:
        """The tables with an amount in another currency than `currency`."""
        return frozenset(
            name for name in _priced() if not self[name].all_are("currency", self.currency)
        )

    @cached_property
    def quoted(self) -> dict[str, int]:
        """The code of each currency whose exchange rate is known."""
        return {name: code for code, name in enumerate(self["fx"].labels["currency"].tolist())}

    @cached_property
    def receivables(self) -> Receivables:
        """The invoices and their part payments, as kernels read them."""
        return Receivables.of(self["invoices"], self["payments"], "invoices" in self.foreign)

    @cached_property
    def groups(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(start, members): the companies of group `g`, a code of buyers.group_id, are
        members[start[g]:start[g + 1]]."""
        rows = self["buyers"]
        group = rows["group_id"][rows.start[:-1]]
        members = np.argsort(group, kind="stable")
        codes = np.arange(len(rows.labels["group_id"]) + 1)
        return np.searchsorted(group[members], codes), members

    def keys(self, buyer_ids: list[str], as_of: NDArray) -> Keys:
        """Keys for (buyer_id, as_of_date) pairs; KeyError names a buyer that is not here."""
        asked = np.asarray(buyer_ids, str)
        codes = np.searchsorted(self.buyer_ids, asked)
        known = codes < len(self.buyer_ids)
        known[known] = self.buyer_ids[codes[known]] == asked[known]
        if not known.all():
            raise KeyError(str(asked[~known][0]))
        return Keys(codes, np.asarray(as_of, "datetime64[D]").astype(np.int32))

    @classmethod
    def of(cls, tables: Mapping[str, pa.Table], currency: str = "EUR") -> "Facts":
        """Facts of all buyers in `tables["buyers"]`; a row of an unknown buyer is an error."""
        buyers = sorted_unique(tables["buyers"]["buyer_id"])
        rows = {
            name: Rows.of(name, tables[name], buyers)
            if name in tables
            else Rows.none(name, len(buyers))
            for name in TABLES
        }
        return cls(buyers, rows, currency)


@cache
def _priced() -> tuple[str, ...]:
    """The tables whose amounts are in the currency of the row."""
    return tuple(name for name, table in TABLES.items() if CURRENCY in table.columns)
