"""Overrides: set, list, withdraw."""

import asyncio
from functools import partial

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.access.caller import Caller
from serving.access.door import needs
from serving.api import examples
from serving.api.openapi import answer, problems, write
from serving.api.reading import key_of, read_body, read_keyed
from serving.api.route import ApiRoute
from serving.api.writing import write as keep
from serving.contracts import ScoreRequest
from serving.cursor import Cursor, Page, PageSize, newest
from serving.decide import Desk, desk_of
from serving.declarations.overrides import (
    KeptOverride,
    ModelValues,
    OverrideRequest,
    check_grade,
    kept_override_of,
    set_override,
    withdraw,
)
from serving.fields import Day, Text
from serving.store.declarations import OVERRIDES

router = APIRouter(prefix="/v1", route_class=ApiRoute, tags=["Overrides"])

REFUSALS = ("invalid-request", "key-reused", "store-unavailable")


@router.post(
    "/overrides",
    status_code=201,
    openapi_extra=write(OverrideRequest, limit=examples.OVERRIDE, grade=examples.GRADE_OVERRIDE),
    responses={
        **answer(KeptOverride, "The override, in force", examples.KEPT_OVERRIDE, 201),
        **problems(*REFUSALS, "malformed-json", "too-large", "unknown-buyer", "natural-person"),
    },
)
async def set_an_override(request: Request, caller: Caller = needs("override")) -> Response:
    """Set a limit or a grade in the place of the model's, for a buyer of the loaded tables. Both
    values are kept; later answers hold the person's, and say so, until it expires."""
    asked, key = await read_keyed(request, OverrideRequest)
    desk = desk_of(request)
    check_grade(desk.champion.now.model.policy, asked.grade)
    model = await asyncio.to_thread(_model_values, desk, asked)
    return await keep(request, key, partial(set_override, asked, model, caller))


@router.get(
    "/overrides",
    dependencies=[needs("read")],
    responses={
        **answer(
            Page[KeptOverride],
            "The latest first",
            {"items": [examples.KEPT_OVERRIDE], "next_cursor": None},
        ),
        **problems("invalid-request", "store-unavailable"),
    },
)
async def overrides(
    request: Request,
    buyer_id: Text | None = None,
    in_force_on: Day | None = None,
    cursor: Cursor = None,
    page_size: PageSize = 50,
) -> Page[KeptOverride]:
    """Overrides of one buyer or all; those alone that are in force on a day, where it is given."""
    query = sa.select(OVERRIDES)
    if buyer_id is not None:
        query = query.where(OVERRIDES.c.buyer_id == buyer_id)
    if in_force_on is not None:
        query = query.where(
            OVERRIDES.c.withdrawn_at.is_(None),
            OVERRIDES.c.valid_from <= str(in_force_on),
            OVERRIDES.c.expires_on >= str(in_force_on),
        )
    return await asyncio.to_thread(_listed, desk_of(request), query, cursor, page_size)


@router.post(
    "/overrides/{override_id}/withdraw",
    openapi_extra=write(),
    responses={
        **answer(KeptOverride, "The override, over", examples.KEPT_OVERRIDE),
        **problems(*REFUSALS, "unknown-override", "already-decided"),
    },
)
async def withdraw_override(
    request: Request, override_id: str, caller: Caller = needs("override")
) -> Response:
    """End an override before it expires: the model decides again."""
    key = key_of(request, await read_body(request))
    return await keep(request, key, partial(withdraw, override_id, caller), 200)


def _model_values(desk: Desk, asked: OverrideRequest) -> ModelValues:
    question = ScoreRequest.model_validate(
        {"buyer_id": asked.buyer_id, "as_of_date": asked.valid_from}
    )
    return ModelValues.of(desk.conclude(question, overridden=False).answer)


def _listed(desk: Desk, query: sa.Select, cursor: str | None, size: int) -> Page[KeptOverride]:
    with desk.store.reading() as connection:
        rows, after = newest(connection, query, OVERRIDES.c.sequence, cursor, size)
    return Page(items=[kept_override_of(row) for row in rows], next_cursor=after)
