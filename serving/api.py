"""The HTTP front of the decision service: routes, sizes, errors. No business rule stands here."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from serving import metrics
from serving.contracts import (
    BatchAnswer,
    BatchRequest,
    Decision,
    KeptDecision,
    ProblemDocument,
    ScoreRequest,
    ServedModel,
)
from serving.decide import Desk
from serving.problems import KINDS, Problem, of_validation
from serving.workbench import pages
from serving.workbench.headers import SecurityHeaders

LARGEST_BODY = 64 * 2**20  # bytes
LARGE_BODY = 256 * 2**10  # bytes; read in a thread from here on, so that others need not wait
REFERENCE = "#/components/schemas/{model}"
DESCRIBED: tuple[type[BaseModel], ...] = (ScoreRequest, BatchRequest, ProblemDocument)

BY_ID = {
    "buyer_id": "B0000017",
    "as_of_date": "2025-06-30",
    "requested_amount": 50000,
    "terms_days": 60,
}
BY_FACTS = {
    "as_of_date": "2025-06-30",
    "requested_amount": 25000,
    "facts": {
        "buyer": {
            "buyer_id": "FR-552100554",
            "name": "Ateliers Martin",
            "country": "FR",
            "sector": "C25",
            "entity_type": "company",
            "founded_on": "2009-03-02",
        },
        "statements": [
            {
                "closing_date": "2024-12-31",
                "available_at": "2025-05-20",
                "currency": "EUR",
                "total_assets": 2100000,
                "current_assets": 1200000,
                "current_liabilities": 800000,
                "total_liabilities": 1300000,
                "equity": 800000,
                "revenue": 4200000,
                "ebit": 210000,
                "net_income": 140000,
            }
        ],
        "invoices": [
            {
                "invoice_id": "2025-0412",
                "issued_on": "2025-04-12",
                "due_on": "2025-05-12",
                "paid_on": "2025-05-30",
                "amount": 18400,
                "currency": "EUR",
            }
        ],
    },
}

Contract = TypeVar("Contract", bound=BaseModel)
router = APIRouter()


def create_app(desk: Desk) -> FastAPI:
    """The ASGI application that asks `desk`."""
    app = FastAPI(
        title="encours",
        version="1",
        summary="How likely is this buyer to default, why, and how much may it owe us?",
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.desk = desk
    app.include_router(router)
    app.include_router(pages.router)
    app.mount("/static", pages.assets())
    app.add_middleware(SecurityHeaders)
    for error, answer in ((Problem, _problem), (HTTPException, _http), (Exception, _internal)):
        app.add_exception_handler(error, answer)
    _document(app)
    return app


def _problems(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The problems an operation may answer with, for its documentation."""
    content = {
        "application/problem+json": {"schema": {"$ref": REFERENCE.format(model="ProblemDocument")}}
    }
    documented: dict[int | str, dict[str, Any]] = {}
    for kind in (*kinds, "internal"):
        status, title, _ = KINDS[kind]
        before = documented.get(status, {}).get("description")
        text = f"{before}; {title}" if before else title
        documented[status] = {"description": text, "content": content}
    return documented


def _body(contract: type[BaseModel], **examples: Any) -> dict[str, Any]:
    """The documentation of a request body."""
    media: dict[str, Any] = {"schema": {"$ref": REFERENCE.format(model=contract.__name__)}}
    media["examples"] = {name: {"value": value} for name, value in examples.items()}
    return {"requestBody": {"required": True, "content": {"application/json": media}}}


SCORE: dict[str, Any] = {
    "openapi_extra": _body(ScoreRequest, by_id=BY_ID, by_facts=BY_FACTS),
    "responses": {
        200: {"model": Decision, "description": "The decision, already kept"},
        **_problems(
            "malformed-json",
            "unknown-buyer",
            "too-large",
            "invalid-request",
            "natural-person",
            "store-unavailable",
        ),
    },
}


@router.post("/score", operation_id="score", **SCORE)
@router.post("/v1/score", operation_id="score_v1", **SCORE)
async def score(request: Request) -> Response:
    """Default probability, grade, limit, conditions and reasons for one buyer."""
    asked = await _read(request, ScoreRequest)
    return _json(await _desk(request).decide(asked, _caller(request)))


@router.post(
    "/v1/score-batch",
    openapi_extra=_body(BatchRequest, two_buyers={"requests": [BY_ID, BY_FACTS]}),
    responses={
        200: {"model": BatchAnswer, "description": "One decision or problem for each request"},
        **_problems("malformed-json", "too-large", "invalid-request", "store-unavailable"),
    },
)
async def score_batch(request: Request) -> Response:
    """Up to 1,000 questions at once; each is answered as if asked alone, all are kept together."""
    asked = await _read(request, BatchRequest)
    answers = await _desk(request).decide_all(asked.requests, _caller(request))
    return _json(orjson.dumps({"answers": answers}))


@router.get(
    "/v1/decisions/{decision_id}",
    responses={
        200: {"model": KeptDecision, "description": "The decision as it was kept"},
        **_problems("unknown-decision", "invalid-request"),
    },
)
async def decision(request: Request, decision_id: str) -> Response:
    """A past decision, byte for byte, with what was asked and the versions that answered."""
    record = await asyncio.to_thread(_desk(request).store.find, decision_id)
    if record is None:
        raise Problem(
            "unknown-decision", f"no decision {decision_id!r}; see the answer's decision_id"
        )
    kept = {name: getattr(record, name) for name in KeptDecision.model_fields}
    for name in ("request", "answer"):
        kept[name] = orjson.Fragment(kept[name])
    return _json(orjson.dumps(kept))


@router.get(
    "/v1/models",
    responses={200: {"model": ServedModel, "description": "What answers now"}, **_problems()},
)
async def models(request: Request) -> Response:
    """What answers now, since when, and how it was validated."""
    desk = _desk(request)
    in_force = desk.champion.now
    return _json(
        orjson.dumps(
            {
                "model_version": in_force.model.version,
                "policy_version": in_force.model.policy.version,
                "data_version": desk.portfolio.version,
                "served_since": in_force.since,
                "buyers": len(desk.portfolio),
                "last_known_day": desk.portfolio.last_known_day,
                "metadata": dict(in_force.model.metadata),
            }
        )
    )


@router.get("/metrics", include_in_schema=False)
async def exposition() -> Response:
    """Prometheus metrics of all workers."""
    return metrics.exposition()


def _desk(request: Request) -> Desk:
    return request.app.state.desk


def _caller(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")


async def _read(request: Request, contract: type[Contract]) -> Contract:
    """The body as `contract`. Raises Problem naming each field that does not fit."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Problem("too-large", f"send at most {LARGEST_BODY // 2**20} MiB in one request")
    parse = partial(contract.model_validate_json, bytes(body))
    try:
        return parse() if len(body) < LARGE_BODY else await asyncio.to_thread(parse)
    except ValidationError as error:
        raise of_validation(error) from error


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    for_people = "text/html" in request.headers.get("accept", "")
    return pages.problem_page(request, problem) if for_people else problem.response()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = "method-not-allowed" if error.status_code == 405 else "not-found"
    detail = f"{request.method} {request.url.path}: see /docs for what this service answers"
    return await _problem(request, Problem(kind, detail, headers=error.headers))


async def _internal(request: Request, _: Exception) -> Response:
    return await _problem(request, Problem("internal", "nothing was decided or kept"))


def _document(app: FastAPI) -> None:
    """Let the OpenAPI document name the bodies that routes read themselves."""
    generate: Callable[[], dict[str, Any]] = app.openapi

    def openapi() -> dict[str, Any]:
        document = generate()
        schemas = document["components"]["schemas"]
        for contract in DESCRIBED:
            schema = contract.model_json_schema(ref_template=REFERENCE)
            schemas |= schema.pop("$defs", {})
            schemas[contract.__name__] = schema
        return document

    app.openapi = openapi  # type: ignore[method-assign]
