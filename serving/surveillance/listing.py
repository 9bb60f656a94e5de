"""The portfolio as a list: searched, filtered, sorted and paged on the server, at a million rows.

    page(latest(store), search="martin", equals={"country": "FR"}, sort="-default_probability")

Columns are compared where they lie, in memory that all processes share; only the rows of the page
become Python objects. The order of a column is worked out once a run and kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, reduce
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from serving.portfolio import folded
from serving.surveillance.snapshots import SEARCHABLE, TABLE, Snapshot, mapped


@dataclass(frozen=True)
class ListPage:
    """`rows` of snapshots.TABLE, of `total` that match."""

    rows: list[dict[str, Any]]
    total: int


def page(snapshot: Snapshot, *, start: int = 0, most: int = 50, **asked: Any) -> ListPage:
    """Rows `start` to `start + most` of those that match; `asked` is what `matching` takes."""
    found = matching(snapshot, **asked)
    rows = found[start : start + most]
    return ListPage(shown(snapshot).take(pa.array(rows)).to_pylist(), len(found))


def shown(snapshot: Snapshot) -> pa.Table:
    """The list's columns, snapshots.TABLE."""
    return snapshot.table.drop_columns([SEARCHABLE])


def matching(
    snapshot: Snapshot,
    *,
    search: str = "",
    equals: Mapping[str, str] | None = None,
    at_least: Mapping[str, float] | None = None,
    at_most: Mapping[str, float] | None = None,
    sort: str = "buyer_id",
) -> NDArray[np.int64]:
    """The numbers of the rows that match, in the order of `sort` (a column of snapshots.TABLE,
    `-column` for the greatest first; ties by buyer_id, nulls last).

    `search` is looked for in id and name, whatever the case and accents. A sector in `equals` may
    be the first letters of one. ValueError names a column that is not in the list.
    """
    column = sort.removeprefix("-")
    for name in (column, *(equals or {}), *(at_least or {}), *(at_most or {})):
        if name not in TABLE:
            raise ValueError(f"no column {name!r} in the list; one of {', '.join(TABLE)}")
    wanted = _wanted(snapshot.table, search, equals or {}, at_least or {}, at_most or {})
    order = _order(snapshot.folder, column, sort.startswith("-"))
    return order if wanted is None else order[wanted[order]]


def _wanted(
    table: pa.Table,
    search: str,
    equals: Mapping[str, str],
    at_least: Mapping[str, float],
    at_most: Mapping[str, float],
) -> NDArray[np.bool_] | None:
    """Which rows match, None for all."""
    tests = []
    if search.strip():
        tests.append(pc.match_substring(table[SEARCHABLE], folded(search)))
    for name, value in equals.items():
        test = pc.starts_with if name == "sector" else pc.equal
        tests.append(test(table[name], value))
    tests += [pc.greater_equal(table[name], bound) for name, bound in at_least.items()]
    tests += [pc.less_equal(table[name], bound) for name, bound in at_most.items()]
    if not tests:
        return None
    return reduce(pc.and_, tests).fill_null(False).to_numpy()


@lru_cache(maxsize=16)
def _order(folder: Path, column: str, descending: bool) -> NDArray[np.int64]:
    """Row numbers in the order of a column; the sort is stable, and rows come by buyer_id."""
    way = "descending" if descending else "ascending"
    return pc.sort_indices(mapped(folder), sort_keys=[(column, way)]).to_numpy().astype(np.int64)
