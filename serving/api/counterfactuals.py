"""What the buyer could change: the least that gains a grade or has the request covered."""

import asyncio

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.access.door import needs
from serving.api.examples import BY_FACTS, BY_ID, COUNTERFACTUALS
from serving.api.openapi import answer, body, problems
from serving.api.reading import json_answer, read
from serving.api.route import ApiRoute
from serving.contracts import ScoreRequest
from serving.counterfactual_answer import CounterfactualAnswer
from serving.decide import desk_of

router = APIRouter(route_class=ApiRoute, tags=["Decisions"])


@router.post(
    "/v1/counterfactuals",
    dependencies=[needs("simulate")],
    openapi_extra=body(ScoreRequest, by_id=BY_ID, by_facts=BY_FACTS),
    responses={
        **answer(CounterfactualAnswer, "Verified by scoring again", COUNTERFACTUALS),
        **problems(
            "malformed-json", "unknown-buyer", "too-large", "invalid-request", "natural-person"
        ),
    },
)
async def counterfactuals(request: Request) -> Response:
    """The smallest changes of facts in the buyer's hands; decides and keeps nothing."""
    asked = await read(request, ScoreRequest)
    told = await asyncio.to_thread(desk_of(request).what_would_help, asked)
    return json_answer(orjson.dumps(told))
