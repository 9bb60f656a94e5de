"""The workbench's routes: find a buyer, understand a buyer, read the API."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import UploadFile

from features.facts import Keys
from models.assessment import assess
from serving.access.door import Caller, greets, needs
from serving.decide import Desk, desk_of
from serving.workbench import docs, words
from serving.workbench.accounts_file import FIELD, read_accounts
from serving.workbench.buyer import buyer_page, enough, identity
from serving.workbench.frame import page
from serving.workbench.language import language_of
from serving.workbench.paging import Pages, page_number
from serving.workbench.question import question_of

BUYERS_A_PAGE = 25

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/", dependencies=[needs("read")])
def search(request: Request, q: str = "", number: str = Query("1", alias="page")) -> HTMLResponse:
    """Buyers whose id or name contains `q`, a page at a time."""
    desk = desk_of(request)
    found = desk.portfolio.search(q)
    pages = Pages.of(len(found), page_number(number), BUYERS_A_PAGE)
    shown = found[pages.start : pages.start + BUYERS_A_PAGE]
    return page(
        request,
        "search.html",
        query=q,
        pages=pages,
        rows=_listing(desk, shown),
        grades=desk.champion.now.model.policy.master_scale.names,
    )


@router.get("/buyers/{buyer_id:path}")
def buyer(request: Request, buyer_id: str, caller: Caller = needs("read")) -> HTMLResponse:
    """One buyer: grade, probability, limit and why, on the day in `as_of` (else the last known).

    The other fields ask what would be granted, and what if, of those who may; nothing is kept.
    """
    fields: Mapping[str, str] = request.query_params
    if not caller.may("simulate"):
        fields = {"as_of": fields.get("as_of", "")}
    return _buyer(request, buyer_id, fields, caller)


@router.post("/buyers/{buyer_id:path}")
async def buyer_if(
    request: Request, buyer_id: str, caller: Caller = needs("simulate")
) -> HTMLResponse:
    """The same with more than fits an address: new accounts. Nothing is kept."""
    async with request.form(max_files=1) as form:
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        file = form.get(FIELD)
        years = []
        if isinstance(file, UploadFile) and file.size:
            years = read_accounts(file.filename or FIELD, await file.read())
    return await asyncio.to_thread(_buyer, request, buyer_id, fields, caller, years)


def _buyer(
    request: Request,
    buyer_id: str,
    fields: Mapping[str, str],
    caller: Caller,
    years: Sequence[Mapping[str, str]] = (),
) -> HTMLResponse:
    desk, language = desk_of(request), language_of(request)
    question = question_of(fields, buyer_id, desk.portfolio.last_known_day, language, years)
    shown = buyer_page(desk, question, language)
    may = {"may_ask": caller.may("simulate"), "may_decide": caller.may("override")}
    done = request.query_params.get("decided", "")
    return page(request, "buyer.html", done=words.DONE.get(done, ""), **may, **shown)


@router.get("/counterfactuals/{buyer_id:path}", dependencies=[needs("simulate")])
def counterfactuals(request: Request, buyer_id: str) -> HTMLResponse:
    """The part of the buyer page that says what the buyer could change: slow to find."""
    desk, language = desk_of(request), language_of(request)
    question = question_of(request.query_params, buyer_id, desk.portfolio.last_known_day, language)
    return page(request, "buyer/counterfactuals.html", **enough(desk, question))


@router.get("/docs", dependencies=[greets()])
def documentation(request: Request) -> HTMLResponse:
    """The API, from its own OpenAPI document."""
    return page(request, "docs.html", api=docs.described(request.app.openapi()))


def _listing(desk: Desk, codes: np.ndarray) -> list[dict[str, Any]]:
    """Buyers with grade, probability and limit on the last known day."""
    model, facts = desk.champion.now.model, desk.portfolio.facts
    assessed = assess(model, facts, Keys.on(desk.portfolio.last_known_day, codes))
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
