"""Referrals: the queue of what a person must decide, its clock, and the verdict."""

import asyncio
from functools import partial

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.access.caller import Caller
from serving.access.door import needs
from serving.api import examples
from serving.api.openapi import WRITING, answer, problems, write
from serving.api.reading import read_keyed
from serving.api.route import ApiRoute
from serving.api.writing import write as keep
from serving.cursor import Cursor, Page, PageSize, following
from serving.decide import Desk, desk_of
from serving.declarations.overrides import KeptOverride
from serving.declarations.referrals import (
    Clock,
    Referral,
    State,
    Verdict,
    clock,
    decide_referral,
    referral_of,
)
from serving.fields import Text
from serving.store.declarations import REFERRALS

router = APIRouter(prefix="/v1", route_class=ApiRoute, tags=["Referrals"])


@router.get(
    "/referrals",
    dependencies=[needs("read")],
    responses={
        **answer(
            Page[Referral],
            "Who waits longest first",
            {"items": [examples.REFERRAL], "next_cursor": "WyJyZWZlcnJhbHMgdXAiLCAxXQ"},
        ),
        **problems("invalid-request", "store-unavailable"),
    },
)
async def referrals(
    request: Request,
    state: State = "open",
    buyer_id: Text | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[Referral]:
    """What waits for a person, or waited, each with its clock. The cursor also leads to what comes
    later: ask again with it."""
    query = sa.select(REFERRALS).where(REFERRALS.c.state == state)
    if buyer_id is not None:
        query = query.where(REFERRALS.c.buyer_id == buyer_id)
    return await asyncio.to_thread(_listed, desk_of(request), query, cursor, page_size)


@router.get(
    "/referrals/clock",
    dependencies=[needs("read")],
    responses={
        **answer(Clock, "Figures of the whole queue", examples.CLOCK),
        **problems("store-unavailable"),
    },
)
async def referral_clock(request: Request) -> Clock:
    """How many decisions need no person, how long the others wait, and how many waited too long."""

    def figures(desk: Desk) -> Clock:
        with desk.store.reading() as connection:
            return clock(connection)

    return await asyncio.to_thread(figures, desk_of(request))


@router.post(
    "/referrals/{referral_id}/decide",
    status_code=201,
    openapi_extra=write(Verdict, grant=examples.VERDICT, refuse=examples.REFUSAL),
    responses={
        **answer(KeptOverride, "The person's limit, in force", examples.KEPT_OVERRIDE, 201),
        **problems(*WRITING, "unknown-referral", "already-decided"),
    },
)
async def decide_a_referral(
    request: Request, referral_id: str, caller: Caller = needs("override")
) -> Response:
    """Decide what the engine may not: a limit, 0 to refuse, in force until it expires."""
    asked, key = await read_keyed(request, Verdict)
    return await keep(request, key, partial(decide_referral, referral_id, asked, caller))


def _listed(desk: Desk, query: sa.Select, cursor: str | None, size: int) -> Page[Referral]:
    with desk.store.reading() as connection:
        rows, after = following(connection, query, REFERRALS.c.sequence, cursor, size)
    return Page(items=[referral_of(row) for row in rows], next_cursor=after)
