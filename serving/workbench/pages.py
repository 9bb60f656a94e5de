"""The workbench's routes: find a buyer, understand a buyer, read the API."""

from functools import cache
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import ValidationError
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from features.facts import Keys
from models.decision import assess
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.problems import Problem, of_validation
from serving.reports.console import money
from serving.workbench import docs, words
from serving.workbench.buyer import buyer_page, identity

HERE = Path(__file__).parent
BUYERS_A_PAGE = 25
ASKED = {"as_of": "as_of_date", "amount": "requested_amount", "terms": "terms_days"}

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/")
def search(request: Request, q: str = "", page: str = "1") -> HTMLResponse:
    """Buyers whose id or name contains `q`, a page at a time."""
    desk = _desk(request)
    found = desk.portfolio.search(q)
    pages = max(-(-len(found) // BUYERS_A_PAGE), 1)
    here = min(max(int(page) if page.isdecimal() else 1, 1), pages)
    shown = found[(here - 1) * BUYERS_A_PAGE : here * BUYERS_A_PAGE]
    return _page(
        request,
        "search.html",
        query=q,
        found=len(found),
        page=here,
        pages=pages,
        rows=_listing(desk, shown),
        grades=desk.champion.now.model.policy.master_scale.names,
    )


@router.get("/buyers/{buyer_id:path}")
def buyer(request: Request, buyer_id: str) -> HTMLResponse:
    """One buyer: grade, probability, limit and why, on the day in `as_of` (else the last known).

    `amount` and `terms` ask what would be granted; looking decides nothing and keeps nothing.
    """
    desk = _desk(request)
    asked = {ASKED[name]: value for name, value in request.query_params.items() if name in ASKED}
    given = {name: value for name, value in asked.items() if value}
    given = {"as_of_date": str(desk.portfolio.last_known_day), **given, "buyer_id": buyer_id}
    try:
        question = ScoreRequest.model_validate(given)
    except ValidationError as error:
        raise of_validation(error) from error
    return _page(request, "buyer.html", question=question, **buyer_page(desk, question))


@router.get("/docs")
def documentation(request: Request) -> HTMLResponse:
    """The API, from its own OpenAPI document."""
    return _page(request, "docs.html", api=docs.described(request.app.openapi()))


def problem_page(request: Request, problem: Problem) -> HTMLResponse:
    """A problem as a person reads it."""
    return _page(request, "problem.html", problem.status, problem=problem)


class Assets(StaticFiles):
    """Files that never change under their address: it holds a digest of their content."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        """The file, to be kept by the browser for a year."""
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def assets() -> Assets:
    """The style sheet and the mark."""
    return Assets(directory=HERE / "static")


def _desk(request: Request) -> Desk:
    return request.app.state.desk


def _page(
    request: Request, template: str, status: int = HTTPStatus.OK, **values: Any
) -> HTMLResponse:
    desk = _desk(request)
    return HTMLResponse(
        _environment()
        .get_template(template)
        .render(last_known_day=desk.portfolio.last_known_day, buyers=len(desk.portfolio), **values),
        status,
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= {"asset": _asset, "words": words}
    environment.filters |= {"money": money, "odds": words.odds, "tier": words.tier}
    return environment


@cache
def _asset(name: str) -> str:
    digest = sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


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
