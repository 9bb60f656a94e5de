"""Score one buyer, or up to a thousand at once."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.access.door import needs
from serving.api.examples import BY_FACTS, BY_ID
from serving.api.openapi import body, problems
from serving.api.reading import caller_of, desk_of, json_answer, read
from serving.contracts import BatchAnswer, BatchRequest, Decision, ScoreRequest

router = APIRouter()

SCORE: dict[str, Any] = {
    "openapi_extra": body(ScoreRequest, by_id=BY_ID, by_facts=BY_FACTS),
    "responses": {
        200: {"model": Decision, "description": "The decision, already kept"},
        **problems(
            "malformed-json",
            "unknown-buyer",
            "too-large",
            "invalid-request",
            "natural-person",
            "store-unavailable",
        ),
    },
}


@router.post("/score", dependencies=[needs("decide")], operation_id="score", **SCORE)
@router.post("/v1/score", dependencies=[needs("decide")], operation_id="score_v1", **SCORE)
async def score(request: Request) -> Response:
    """Default probability, grade, limit, conditions and reasons for one buyer."""
    asked = await read(request, ScoreRequest)
    return json_answer(await desk_of(request).decide(asked, caller_of(request)))


@router.post(
    "/v1/score-batch",
    dependencies=[needs("decide")],
    openapi_extra=body(BatchRequest, two_buyers={"requests": [BY_ID, BY_FACTS]}),
    responses={
        200: {"model": BatchAnswer, "description": "One decision or problem for each request"},
        **problems("malformed-json", "too-large", "invalid-request", "store-unavailable"),
    },
)
async def score_batch(request: Request) -> Response:
    """Up to 1,000 questions at once; each is answered as if asked alone, all are kept together."""
    asked = await read(request, BatchRequest)
    return json_answer(await desk_of(request).decide_all(asked.requests, caller_of(request)))
