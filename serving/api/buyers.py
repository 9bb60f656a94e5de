"""Buyers: find one, and see what was decided on it."""

import asyncio
from typing import Annotated, Any

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from serving.access.door import needs
from serving.answers import Candidate
from serving.api import examples
from serving.api.openapi import answer, problems
from serving.api.reading import json_answer
from serving.api.route import ApiRoute
from serving.cursor import Cursor, Page, PageSize, cursor_to, newest, place_in
from serving.decide import Desk, desk_of
from serving.dossier import unknown_buyer
from serving.fields import Country, Text
from serving.kept_answers import Buyer, BuyerHistory
from serving.store.record import DECISIONS

router = APIRouter(prefix="/v1", route_class=ApiRoute, tags=["Buyers"])

SUMMARY = ("default_probability", "grade", "limit", "decision", "model_version", "policy_version")
COLUMNS = ("sequence", "decision_id", "decided_at", "caller", "operation", "as_of_date", "answer")


@router.get(
    "/buyers",
    dependencies=[needs("read")],
    responses={
        **answer(
            Page[Candidate], "Likest first", {"items": [examples.CANDIDATE], "next_cursor": None}
        ),
        **problems("invalid-request"),
    },
)
async def buyers(
    request: Request,
    query: Annotated[Text, Query(description="name, VAT number, SIREN or buyer_id")],
    country: Annotated[Country | None, Query(description="only names of this country")] = None,
    cursor: Cursor = None,
    page_size: PageSize = 20,
) -> Page[Candidate]:
    """Who may be meant, each with a confidence: 1 for the same identifier or the same name (legal
    forms, accents, case and punctuation do not count)."""
    return await asyncio.to_thread(_found, desk_of(request), query, country, cursor, page_size)


@router.get(
    "/buyers/{buyer_id:path}",
    dependencies=[needs("read")],
    responses={
        **answer(BuyerHistory, "The latest decision first", examples.HISTORY),
        **problems("unknown-buyer", "invalid-request", "store-unavailable"),
    },
)
async def buyer(
    request: Request, buyer_id: str, cursor: Cursor = None, page_size: PageSize = 20
) -> Response:
    """Who a buyer is, the latest answer on it, what people have overridden, and past decisions."""
    told = await asyncio.to_thread(_history, desk_of(request), buyer_id, cursor, page_size)
    return json_answer(orjson.dumps(told))


def _found(
    desk: Desk, query: str, country: str | None, cursor: str | None, size: int
) -> Page[Candidate]:
    portfolio = desk.portfolio
    name = f"buyers of {portfolio.version}"  # the order holds as long as the tables do
    first = place_in(name, cursor) or 0
    matches = portfolio.matcher.identified(query) or portfolio.matcher.named(query, country)
    last = first + size
    return Page(
        items=[Candidate(**portfolio.candidate(match)) for match in matches[first:last]],
        next_cursor=cursor_to(name, last) if len(matches) > last else None,
    )


def _history(desk: Desk, buyer_id: str, cursor: str | None, size: int) -> dict[str, Any]:
    past = sa.select(*(DECISIONS.c[name] for name in COLUMNS)).where(
        DECISIONS.c.buyer_id == buyer_id
    )
    with desk.store.reading() as connection:
        rows, after = newest(connection, past, DECISIONS.c.sequence, cursor, size)
        last = connection.execute(past.order_by(DECISIONS.c.sequence.desc()).limit(1)).first()
    identity = _identity(desk, buyer_id)
    if identity is None and last is None:
        raise unknown_buyer(desk.portfolio, buyer_id)
    desk.known.refresh()
    day = str(desk.portfolio.last_known_day) if last is None else last.as_of_date
    return {
        "buyer": identity,
        "latest": None if last is None else orjson.Fragment(last.answer),
        "overrides": [vars(one) for one in desk.known.overrides(buyer_id, day)],
        "decisions": {"items": [_summary(row) for row in rows], "next_cursor": after},
    }


def _identity(desk: Desk, buyer_id: str) -> dict[str, Any] | None:
    """Who the tables say it is, None where they have no such buyer."""
    code = desk.portfolio.facts.code_of(buyer_id)
    if code < 0:
        return None
    told = {
        name: desk.portfolio.text(name, code) for name in Buyer.model_fields if name != "buyer_id"
    }
    return {"buyer_id": buyer_id, **told}


def _summary(row: sa.Row) -> dict[str, Any]:
    said = orjson.loads(row.answer)
    kept = {name: getattr(row, name) for name in COLUMNS if name not in ("sequence", "answer")}
    return {**kept, "operation": row.operation or "score", **{name: said[name] for name in SUMMARY}}
