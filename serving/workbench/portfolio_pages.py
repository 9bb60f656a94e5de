"""The portfolio: an overview, and a table that is searched, filtered, sorted and paged here.

Both show the last run of surveillance, whose columns all workers map.
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import parse_qsl

import pyarrow as pa
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from starlette.responses import Response

from serving.access.caller import Caller
from serving.access.door import needs
from serving.decide import desk_of
from serving.surveillance import listing, snapshots
from serving.surveillance.snapshots import Snapshot
from serving.workbench import charts, overview, saved_filters, words
from serving.workbench.frame import page
from serving.workbench.paging import Pages, page_number
from serving.workbench.portfolio_filter import PortfolioFilter
from serving.workbench.spreadsheet import CSV, csv_bytes, saved_as

BUYERS_A_PAGE = 50
LINES_AT_ONCE = 20_000
LARGEST_LOSSES = 10
ROUTE = "/portfolio/buyers"

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Text = Annotated[str, Form()]


@router.get("/portfolio", dependencies=[needs("read")])
def glance(request: Request) -> HTMLResponse:
    """Exposure against limit, migration, concentration, largest expected losses."""
    desk = desk_of(request)
    snapshot = snapshots.latest(desk.store)
    if snapshot is None:
        return page(request, "no_run.html", title=words.N_("Portfolio"))
    policy = desk.champion.now.model.policy
    grades = policy.master_scale.names
    before = overview.month_before(desk.store, snapshot)
    loss = listing.page(snapshot, most=LARGEST_LOSSES, **PortfolioFilter.of({}).asked)
    return page(
        request,
        "portfolio.html",
        run=snapshot.run,
        before=before.run if before else None,
        migration=overview.migration(before.folder, snapshot.folder, grades) if before else None,
        totals=overview.totals(snapshot),
        segments={by: _segments(request, snapshot, by) for by in ("grade", "sector", "country")},
        concentration=overview.concentration(snapshot.folder),
        losses=loss.rows,
        grades=grades,
        currency=policy.currency,
    )


@router.get(ROUTE)
def table(
    request: Request, number: str = Query("1", alias="page"), caller: Caller = needs("read")
) -> HTMLResponse:
    """Buyers that match, a page at a time."""
    desk = desk_of(request)
    snapshot = snapshots.latest(desk.store)
    if snapshot is None:
        return page(request, "no_run.html", title=words.N_("Portfolio"))
    asked = PortfolioFilter.of(request.query_params)
    start = (page_number(number) - 1) * BUYERS_A_PAGE
    found = listing.page(snapshot, start=start, most=BUYERS_A_PAGE, **asked.asked)
    pages = Pages.of(found.total, page_number(number), BUYERS_A_PAGE)
    if pages.start != start:
        found = listing.page(snapshot, start=pages.start, most=BUYERS_A_PAGE, **asked.asked)
    policy = desk.champion.now.model.policy
    segments = overview.segments
    return page(
        request,
        "portfolio_buyers.html",
        run=snapshot.run,
        asked=asked,
        query_text=asked.fields.get("q", ""),
        rows=found.rows,
        pages=pages,
        saved=saved_filters.saved(desk.store, caller.name),
        countries=sorted(row["key"] for row in segments(snapshot.folder, "country") if row["key"]),
        sections=sorted(row["key"] for row in segments(snapshot.folder, "sector") if row["key"]),
        grades=policy.master_scale.names,
        currency=policy.currency,
    )


@router.get(f"{ROUTE}.csv", dependencies=[needs("read")])
def export(request: Request) -> Response:
    """Every buyer that matches, as a CSV file."""
    snapshot = snapshots.latest(desk_of(request).store)
    if snapshot is None:
        return RedirectResponse(ROUTE, HTTPStatus.SEE_OTHER)
    asked = PortfolioFilter.of(request.query_params)
    headers = saved_as(f"portfolio-{snapshot.run.as_of_date}.csv")
    return StreamingResponse(_lines(snapshot, asked), media_type=CSV, headers=headers)


@router.post("/portfolio/filters")
def keep_filter(
    request: Request, name: Text = "", query: Text = "", caller: Caller = needs("read")
) -> RedirectResponse:
    """Keep the filter in force under a name."""
    asked = PortfolioFilter.of(dict(parse_qsl(query)))
    saved_filters.save(desk_of(request).store, caller.name, name, asked.query)
    return RedirectResponse(f"{ROUTE}?{asked.query}", HTTPStatus.SEE_OTHER)


@router.post("/portfolio/filters/remove")
def drop_filter(
    request: Request, name: Text = "", caller: Caller = needs("read")
) -> RedirectResponse:
    """Forget a filter."""
    saved_filters.remove(desk_of(request).store, caller.name, name)
    return RedirectResponse(ROUTE, HTTPStatus.SEE_OTHER)


def _lines(snapshot: Snapshot, asked: PortfolioFilter) -> Iterator[bytes]:
    """The file, some thousand lines at a time; a header alone where nobody matches."""
    found, table = listing.matching(snapshot, **asked.asked), listing.shown(snapshot)
    for start in range(0, max(len(found), 1), LINES_AT_ONCE):
        rows = pa.array(found[start : start + LINES_AT_ONCE])
        yield csv_bytes(table.take(rows), header=start == 0)


def _segments(request: Request, snapshot: Snapshot, by: str) -> dict[str, Any]:
    """Rows of a segmentation with their names, in the order of the scale or of exposure; bars of
    exposure and limit share one scale."""
    rows = overview.segments(snapshot.folder, by)
    if by == "grade":
        grades = desk_of(request).champion.now.model.policy.master_scale.names
        rows = sorted(rows, key=lambda row: grades.index(row["key"]))
    shown = rows if by == "grade" else rows[: overview.MOST_GROUPS]
    most = max((max(row["exposure"], row["limit_in_force"]) for row in shown), default=0.0)
    bars = [
        {
            **row,
            "exposure_bar": charts.share(row["exposure"], most),
            "limit_bar": charts.share(row["limit_in_force"], most),
        }
        for row in shown
    ]
    return {"rows": bars, "more": len(rows) - len(shown)}
