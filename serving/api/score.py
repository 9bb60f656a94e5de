"""Score one buyer, or up to a thousand at once; ask for a limit."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.access.door import needs
from serving.answers import BatchAnswer, Decision, LimitDecision
from serving.api import examples
from serving.api.openapi import WRITING, answer, problems, write
from serving.api.reading import caller_of, json_answer, read_keyed
from serving.api.route import ApiRoute
from serving.contracts import BatchRequest, LimitRequest, ScoreRequest
from serving.decide import desk_of

router = APIRouter(route_class=ApiRoute, tags=["Decisions"])

OF_ONE = (*WRITING, "unknown-buyer", "ambiguous-buyer", "natural-person")
SCORE: dict[str, Any] = {
    "openapi_extra": write(
        ScoreRequest, by_id=examples.BY_ID, by_name=examples.BY_NAME, by_facts=examples.BY_FACTS
    ),
    "responses": {
        **answer(Decision, "The decision, already kept", examples.DECISION),
        **problems(*OF_ONE),
    },
}


@router.post("/score", dependencies=[needs("decide")], operation_id="score_unversioned", **SCORE)
@router.post("/v1/score", dependencies=[needs("decide")], operation_id="score", **SCORE)
async def score(request: Request) -> Response:
    """Default probability, grade, limit, conditions and reasons for one buyer."""
    asked, key = await read_keyed(request, ScoreRequest)
    return json_answer(await desk_of(request).decide(asked, caller_of(request), key))


@router.post(
    "/v1/score-batch",
    dependencies=[needs("decide")],
    openapi_extra=write(BatchRequest, two_buyers={"requests": [examples.BY_ID, examples.BY_FACTS]}),
    responses={
        **answer(
            BatchAnswer,
            "One decision or problem for each request",
            {"answers": [examples.DECISION, examples.PROBLEM]},
        ),
        **problems(*WRITING),
    },
)
async def score_batch(request: Request) -> Response:
    """Up to 1,000 questions at once; each is answered as if asked alone, all are kept together."""
    asked, key = await read_keyed(request, BatchRequest)
    return json_answer(await desk_of(request).decide_all(asked.requests, caller_of(request), key))


@router.post(
    "/v1/limits",
    dependencies=[needs("decide")],
    openapi_extra=write(LimitRequest, by_id=examples.LIMIT, by_name=examples.BY_NAME),
    responses={
        **answer(LimitDecision, "The decision, already kept", examples.LIMIT_DECISION),
        **problems(*OF_ONE),
    },
)
async def limits(request: Request) -> Response:
    """Ask for cover: a buyer, an amount, terms. The answer grants an amount until a day, names
    conditions under which more is possible, and joins the queue of referrals where a person must
    decide."""
    asked, key = await read_keyed(request, LimitRequest)
    return json_answer(await desk_of(request).decide(asked, caller_of(request), key))
