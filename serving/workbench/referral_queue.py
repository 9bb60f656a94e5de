"""Referrals: what waits for a person, its clock, the verdict in place; what overrides became."""

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from serving.access.caller import Caller
from serving.access.door import needs
from serving.decide import desk_of
from serving.declarations.overrides import kept_override_of
from serving.declarations.referrals import clock, referral_of
from serving.store.declarations import OVERRIDES, REFERRALS
from serving.workbench.frame import page
from serving.workbench.job_pages import names_of
from serving.workbench.override_record import record
from serving.workbench.paging import Pages, page_number

A_PAGE = 20
A_YEAR = timedelta(days=365)
STATES = ("open", "decided")

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/referrals")
def queue(
    request: Request,
    state: str = "open",
    number: str = Query("1", alias="page"),
    caller: Caller = needs("read"),
) -> HTMLResponse:
    """Who waits longest first; what was decided, the last first."""
    desk = desk_of(request)
    state = state if state in STATES else "open"
    query = sa.select(REFERRALS).where(REFERRALS.c.state == state)
    order = REFERRALS.c.sequence if state == "open" else REFERRALS.c.sequence.desc()
    with desk.store.reading() as connection:
        figures = clock(connection)
        pages = Pages.of(getattr(figures, state), page_number(number), A_PAGE)
        found = connection.execute(query.order_by(order).limit(A_PAGE).offset(pages.start)).all()
    rows: list[dict[str, Any]] = [referral_of(row).model_dump() for row in found]
    names = names_of(desk.portfolio, [row["buyer_id"] for row in rows])
    policy = desk.champion.now.model.policy
    return page(
        request,
        "referrals.html",
        state=state,
        clock=figures,
        rows=[{**row, "name": name} for row, name in zip(rows, names, strict=True)],
        pages=pages,
        in_a_year=str(date.today() + A_YEAR),
        grades=policy.master_scale.names,
        currency=policy.currency,
    )


@router.get("/overrides", dependencies=[needs("read")])
def overrides(request: Request, number: str = Query("1", alias="page")) -> HTMLResponse:
    """Did people beat the model? The record, and every override behind it, the latest first."""
    desk = desk_of(request)
    with desk.store.reading() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(OVERRIDES)).scalar_one()
        pages = Pages.of(total, page_number(number), A_PAGE)
        latest = sa.select(OVERRIDES).order_by(OVERRIDES.c.sequence.desc())
        found = connection.execute(latest.limit(A_PAGE).offset(pages.start)).all()
    policy = desk.champion.now.model.policy
    kept = [kept_override_of(row) for row in found]
    names = names_of(desk.portfolio, [one.buyer_id for one in kept])
    return page(
        request,
        "overrides.html",
        record=record(desk),
        rows=[{**vars(one), "name": name} for one, name in zip(kept, names, strict=True)],
        pages=pages,
        grades=policy.master_scale.names,
        currency=policy.currency,
    )
