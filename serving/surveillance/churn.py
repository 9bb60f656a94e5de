"""Churn: how much grades and limits move from run to run, and how much of it moves back."""

from typing import Any

import numpy as np
import pyarrow.compute as pc

from models.rating import MasterScale
from models.statistics.stability import matrix_weighted_bandwidth, migration_matrix
from serving.surveillance.snapshots import Snapshot

READ = (
    "grade",
    "previous_grade",
    "limit_in_force",
    "previous_limit",
    "grade_move",
    "last_move",
)


def known(snapshot: Snapshot) -> int:
    """How many buyers were in the run before."""
    return int(pc.count(snapshot.read(("previous_grade",))["previous_grade"]).as_py())


def churn(scale: MasterScale, snapshot: Snapshot) -> dict[str, Any]:
    """Moves since the run before, of the buyers in both.

    `worse`, `better`, `reversed` (a move against the one before), `cut` and `raised` (limits in
    force) are shares of these buyers; `bandwidth_worse` and `bandwidth_better` the moves' weights
    (models/statistics/stability.py); `limit_before` and `limit_after` sums; `migration` counts from
    each grade (row) to each (column).
    """
    rows = snapshot.read(READ)
    rows = rows.filter(pc.is_valid(rows["previous_grade"]))
    if not rows.num_rows:
        return {"buyers": 0}
    names = np.array(scale.names)
    codes = {name: code for code, name in enumerate(names)}
    before, after = (
        np.array([codes[name] for name in pc.unique(rows[column]).to_pylist()])[
            rows[column].combine_chunks().dictionary_encode().indices.to_numpy()
        ]
        for column in ("previous_grade", "grade")
    )
    move, last = rows["grade_move"].to_numpy(), rows["last_move"].to_numpy()
    limit, previous = rows["limit_in_force"].to_numpy(), rows["previous_limit"].to_numpy()
    matrix = migration_matrix(before, after, len(names))
    worse, better = matrix_weighted_bandwidth(matrix)
    return {
        "buyers": rows.num_rows,
        "worse": float((move > 0).mean()),
        "better": float((move < 0).mean()),
        "reversed": float((move * last < 0).mean()),
        "cut": float((limit < previous).mean()),
        "raised": float((limit > previous).mean()),
        "bandwidth_worse": worse,
        "bandwidth_better": better,
        "limit_before": float(np.nansum(previous)),
        "limit_after": float(np.nansum(limit)),
        "migration": matrix.tolist(),
    }
