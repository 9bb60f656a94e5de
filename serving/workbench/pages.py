"""The workbench's routes: find a buyer, understand a buyer, read the API."""

from typing import Any

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError

from features.facts import Keys
from models.assessment import assess
from serving.access.door import greets, needs
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.problems import of_validation
from serving.workbench import docs
from serving.workbench.buyer import buyer_page, identity
from serving.workbench.frame import desk_of, page
from serving.workbench.language import language_of

BUYERS_A_PAGE = 25
ASKED = {"as_of": "as_of_date", "amount": "requested_amount", "terms": "terms_days"}

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/", dependencies=[needs("read")])
def search(
    request: Request, q: str = "", page_number: str = Query("1", alias="page")
) -> HTMLResponse:
    """Buyers whose id or name contains `q`, a page at a time."""
    desk = desk_of(request)
    found = desk.portfolio.search(q)
    pages = max(-(-len(found) // BUYERS_A_PAGE), 1)
    here = min(max(int(page_number) if page_number.isdecimal() else 1, 1), pages)
    shown = found[(here - 1) * BUYERS_A_PAGE : here * BUYERS_A_PAGE]
    return page(
        request,
        "search.html",
        query=q,
        found=len(found),
        number=here,
        pages=pages,
        rows=_listing(desk, shown),
        grades=desk.champion.now.model.policy.master_scale.names,
    )


@router.get("/buyers/{buyer_id:path}", dependencies=[needs("read")])
def buyer(request: Request, buyer_id: str) -> HTMLResponse:
    """One buyer: grade, probability, limit and why, on the day in `as_of` (else the last known).

    `amount` and `terms` ask what would be granted; looking decides nothing and keeps nothing.
    """
    desk = desk_of(request)
    asked = {ASKED[name]: value for name, value in request.query_params.items() if name in ASKED}
    given = {name: value for name, value in asked.items() if value}
    given = {
        "as_of_date": str(desk.portfolio.last_known_day),
        **given,
        "buyer_id": buyer_id,
        "language": language_of(request),
    }
    try:
        question = ScoreRequest.model_validate(given)
    except ValidationError as error:
        raise of_validation(error) from error
    return page(request, "buyer.html", question=question, **buyer_page(desk, question))


@router.get("/docs", dependencies=[greets()])
def documentation(request: Request) -> HTMLResponse:
    """The API, from its own OpenAPI document."""
    return page(request, "docs.html", api=docs.described(request.app.openapi()))


def _listing(desk: Desk, codes: np.ndarray) -> list[dict[str, Any]]:
    """Buyers with grade, probability and limit on the last known day."""
    model, facts = desk.champion.now.model, desk.portfolio.facts
    day = np.datetime64(desk.portfolio.last_known_day, "D").astype(np.int32)
    assessed = assess(model, facts, Keys(codes, np.full(len(codes), day, np.int32)))
    names = model.policy.master_scale.names
    return [
        {
            **identity(desk.portfolio, int(code)),
            "scored": desk.portfolio.text("entity_type", int(code))
            not in model.policy.refused_entities,
            "grade": names[assessed.limits.grade[row]],
            "default_probability": float(assessed.default_probability[row]),
            "limit": float(assessed.limits.limit[row]),
            "currency": model.policy.currency,
        }
        for row, code in enumerate(codes)
    ]
