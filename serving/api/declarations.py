"""Overdues and claims: declare, list, review."""

import asyncio
from functools import partial
from typing import Any

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
from serving.cursor import Cursor, Page, PageSize, newest
from serving.decide import Desk, desk_of
from serving.declarations.events import (
    Declaration,
    Event,
    Kind,
    Review,
    declaration_of,
    declare,
    review,
)
from serving.fields import Text
from serving.store.declarations import DECLARATIONS

router = APIRouter(prefix="/v1", route_class=ApiRoute, tags=["Declarations"])

DECLARE: dict[str, Any] = {
    "status_code": 201,
    "responses": {
        **answer(Declaration, "The declaration, kept", examples.DECLARATION, 201),
        **problems(*WRITING),
    },
}
LIST: dict[str, Any] = {
    "responses": {
        **answer(
            Page[Declaration],
            "The latest first",
            {"items": [examples.DECLARATION], "next_cursor": None},
        ),
        **problems("invalid-request", "store-unavailable"),
    }
}


@router.post("/overdues", openapi_extra=write(Event, overdue=examples.EVENT), **DECLARE)
async def declare_overdue(request: Request, caller: Caller = needs("declare")) -> Response:
    """Declare an invoice that was not paid when due. It counts as an incident from the day it was
    known on; once the year after has been observed, it teaches the next model."""
    return await _declare(request, "overdue_declared", caller)


@router.post("/claims", openapi_extra=write(Event, claim=examples.EVENT), **DECLARE)
async def declare_claim(request: Request, caller: Caller = needs("declare")) -> Response:
    """Declare a claim on a buyer. It counts as a default from the day it was known on, unless
    contested or found invalid; found valid, it becomes a label once its window has closed."""
    return await _declare(request, "claim", caller)


@router.get("/overdues", dependencies=[needs("read")], **LIST)
async def overdues(
    request: Request,
    buyer_id: Text | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[Declaration]:
    """Overdues declared, of one buyer or all."""
    return await asyncio.to_thread(
        _listed, desk_of(request), "overdue_declared", buyer_id, cursor, page_size
    )


@router.get("/claims", dependencies=[needs("read")], **LIST)
async def claims(
    request: Request,
    buyer_id: Text | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[Declaration]:
    """Claims declared, on one buyer or all."""
    return await asyncio.to_thread(_listed, desk_of(request), "claim", buyer_id, cursor, page_size)


@router.post(
    "/declarations/{declaration_id}/review",
    openapi_extra=write(Review, valid={"validity": "valid", "note": "judgment seen"}),
    responses={
        **answer(Declaration, "The declaration as it stands now", examples.DECLARATION),
        **problems(*WRITING, "unknown-declaration"),
    },
)
async def review_declaration(
    request: Request, declaration_id: str, caller: Caller = needs("override")
) -> Response:
    """Say what became of an overdue or a claim: valid, invalid, contested."""
    asked, key = await read_keyed(request, Review)
    return await keep(request, key, partial(review, declaration_id, asked, caller), 200)


async def _declare(request: Request, kind: Kind, caller: Caller) -> Response:
    event, key = await read_keyed(request, Event)
    currency = desk_of(request).champion.now.model.policy.currency
    return await keep(request, key, partial(declare, event, kind, caller, currency))


def _listed(
    desk: Desk, kind: Kind, buyer_id: str | None, cursor: str | None, size: int
) -> Page[Declaration]:
    query = sa.select(DECLARATIONS).where(DECLARATIONS.c.kind == kind)
    if buyer_id is not None:
        query = query.where(DECLARATIONS.c.buyer_id == buyer_id)
    with desk.store.reading() as connection:
        rows, after = newest(connection, query, DECLARATIONS.c.sequence, cursor, size)
    return Page(items=[declaration_of(row) for row in rows], next_cursor=after)
