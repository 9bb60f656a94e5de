"""What pages show of jobs: how far one is, for the script that asks again and again, and the buyers
of a finished one as a list: filtered, sorted and paged, from its Parquet file."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from fastapi import APIRouter, Request

from serving.access.caller import Caller
from serving.access.door import needs
from serving.decide import desk_of
from serving.portfolio import Portfolio
from serving.problems import Problem
from serving.workbench import jobs
from serving.workbench.paging import Pages

A_PAGE = 25

router = APIRouter(include_in_schema=False)


@router.get("/jobs/{kind}/{job_id}")
def progress(
    request: Request, kind: str, job_id: str, caller: Caller = needs("read")
) -> dict[str, object]:
    """State, step, and how many of how many parts of it are done; told to whoever started it."""
    job = jobs.find(desk_of(request).store, job_id, kind, caller.name)
    told = {name: getattr(job, name) for name in ("step", "done", "total", "under_way")}
    return {"state": "lost" if job.lost else job.state, **told}


def listing(
    file: Path, equals: Mapping[str, str], sort: str, number: int, portfolio: Portfolio
) -> tuple[list[dict[str, Any]], Pages]:
    """One page of the rows whose columns equal `equals`, in the order of `sort` (`-column`: the
    greatest first), each with the buyer's name. Raises Problem where there is no such column."""
    table = matching(file, equals)
    column, way = sort.removeprefix("-"), "descending" if sort.startswith("-") else "ascending"
    if column not in table.column_names:
        raise Problem("invalid-request", f"sort: no column {column!r} in this list")
    order = pc.sort_indices(table, sort_keys=[(column, way), ("buyer_id", "ascending")])
    pages = Pages.of(len(table), number, A_PAGE)
    rows = table.take(order.slice(pages.start, A_PAGE)).to_pylist()
    names = names_of(portfolio, [row["buyer_id"] for row in rows])
    return [{**row, "name": name} for row, name in zip(rows, names, strict=True)], pages


def matching(file: Path, equals: Mapping[str, str]) -> pa.Table:
    """The rows whose columns equal `equals`. Raises Problem where the file is gone."""
    if not file.is_file():
        raise Problem("not-found", "what this job found was removed; run it again")
    wanted = [(name, "==", value) for name, value in equals.items()]
    return pq.read_table(file, filters=wanted or None)


def names_of(portfolio: Portfolio, buyers: Sequence[str]) -> list[str]:
    """The names of buyers, "" of those that are not in the loaded tables."""
    ids = portfolio.facts.buyer_ids
    places = np.minimum(np.searchsorted(ids, np.array(buyers, ids.dtype)), len(ids) - 1)
    return [
        portfolio.text("name", int(place)) if ids[place] == buyer else ""
        for place, buyer in zip(places, buyers, strict=True)
    ]
