"""The portfolio at a glance: exposure against limit, migration, concentration, largest losses.

Worked out from the columns of a snapshot once a run, and kept: a million buyers take a second.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.context import SECTION
from serving.store.store import Store
from serving.surveillance.runs import finished
from serving.surveillance.snapshots import Snapshot, mapped, root

SUMS = ("exposure", "limit_in_force", "above_limit", "expected_loss", "overdue_amount")
LARGEST = (1, 5, 10)
SEGMENTS = ("sector", "country")
A_MONTH = timedelta(days=28)
MOST_GROUPS = 12  # shown of sectors and countries


def totals(snapshot: Snapshot) -> dict[str, float]:
    """Number of buyers, and sums of SUMS, in the policy's currency."""
    table = _amounts(snapshot.folder)
    sums = {name: pc.sum(table[name]).as_py() or 0.0 for name in SUMS}
    return {"buyers": table.num_rows, **sums}


@lru_cache(maxsize=16)
def segments(folder: Path, by: str) -> list[dict[str, Any]]:
    """Buyers and sums of SUMS by grade, sector (its NACE section) or country, most exposure first;
    `use` is exposure over limit, None where there is no limit."""
    table = _amounts(folder)
    key = pc.fill_null(table[by], "")
    if by == "sector":
        key = pc.utf8_slice_codeunits(key, 0, SECTION)
    grouped = table.select(SUMS).append_column("key", key).group_by("key")
    found = grouped.aggregate([("key", "count"), *((name, "sum") for name in SUMS)]).to_pylist()
    rows = [
        {
            "key": row["key"],
            "buyers": row["key_count"],
            **{name: row[f"{name}_sum"] or 0.0 for name in SUMS},
        }
        for row in found
    ]
    for row in rows:
        row["use"] = row["exposure"] / row["limit_in_force"] if row["limit_in_force"] else None
    return sorted(rows, key=lambda row: (-row["exposure"], row["key"]))


@lru_cache(maxsize=8)
def concentration(folder: Path) -> list[dict[str, Any]]:
    """By buyer, group, sector and country: the Herfindahl index of the exposure (1: all on one
    name), the number of equal names it is like, and the shares of the largest 1, 5 and 10."""
    table = _amounts(folder)
    alone = pc.is_null(table["group_id"])
    groups = table.filter(pc.invert(alone)).group_by("group_id").aggregate([("exposure", "sum")])
    amounts = {
        "buyer": table["exposure"],
        "group": pa.chunked_array(
            [*table["exposure"].filter(alone).chunks, *groups["exposure_sum"].chunks]
        ),
        **{by: pa.array([row["exposure"] for row in segments(folder, by)]) for by in SEGMENTS},
    }
    return [{"by": by, **_concentrated(exposure.to_numpy())} for by, exposure in amounts.items()]


def _concentrated(amounts: NDArray[np.float64]) -> dict[str, Any]:
    amounts = np.sort(amounts)[::-1]
    whole = amounts.sum()
    shares = amounts / whole if whole else amounts
    index = float((shares**2).sum())
    largest = {n: float(shares[:n].sum()) for n in LARGEST}
    return {"index": index, "like": 1 / index if index else None, "largest": largest}


def month_before(store: Store, current: Snapshot) -> Snapshot | None:
    """The last run at least four weeks before this one, else the oldest there is; None where this
    is the only one whose scores are kept."""
    earlier = [
        Snapshot(run, root() / run.run_id)
        for run in finished(store)
        if run.number < current.run.number and (root() / run.run_id / "table.arrow").is_file()
    ]
    old = [one for one in earlier if one.run.as_of_date <= current.run.as_of_date - A_MONTH]
    return next(iter(old), earlier[-1] if earlier else None)


@lru_cache(maxsize=8)
def migration(before: Path, after: Path, grades: Sequence[str]) -> list[list[int]]:
    """How many buyers of both runs went from each grade (row) to each (column)."""
    old, new = mapped(before), mapped(after)
    names = pa.array(list(grades))
    if old["buyer_id"].equals(new["buyer_id"]):  # as ever: told without looking each up
        was, now = old["grade"], new["grade"]
    else:
        place = pc.index_in(new["buyer_id"], value_set=old["buyer_id"].combine_chunks())
        known = pc.is_valid(place)
        was, now = old["grade"].take(place.filter(known)), new["grade"].filter(known)
    counts = np.zeros((len(grades), len(grades)), np.int64)
    np.add.at(counts, (_codes(was, names), _codes(now, names)), 1)
    return counts.tolist()


def _codes(grade: pa.ChunkedArray, names: pa.Array) -> NDArray[np.int64]:
    return pc.index_in(grade, value_set=names).to_numpy().astype(np.int64)


@lru_cache(maxsize=2)
def _amounts(folder: Path) -> pa.Table:
    """Keys and SUMS of every buyer; what is not known adds nothing."""
    table = mapped(folder)
    zero = pa.scalar(0.0)
    known = {
        name: pc.fill_null(pc.if_else(pc.is_finite(table[name]), table[name], zero), 0.0)
        for name in ("open_amount", "limit_in_force", "expected_loss", "overdue_amount")
    }
    exposure = pc.max_element_wise(known["open_amount"], zero)
    above = pc.max_element_wise(pc.subtract(exposure, known["limit_in_force"]), zero)
    return pa.table(
        {
            **{
                name: table[name] for name in ("buyer_id", "group_id", "grade", "sector", "country")
            },
            "exposure": exposure,
            "limit_in_force": known["limit_in_force"],
            "above_limit": above,
            "expected_loss": known["expected_loss"],
            "overdue_amount": known["overdue_amount"],
        }
    )
