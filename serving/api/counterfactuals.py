"""What the buyer could change: the least that gains a grade or has the request covered."""

import asyncio
from datetime import date
from typing import Literal

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from serving.access.door import needs
from serving.answers import Reason
from serving.api.examples import BY_FACTS, BY_ID, COUNTERFACTUALS
from serving.api.openapi import answer, body, problems
from serving.api.reading import json_answer, read
from serving.api.route import ApiRoute
from serving.contracts import ScoreRequest
from serving.decide import desk_of

router = APIRouter(route_class=ApiRoute, tags=["Decisions"])


class LeverChange(BaseModel):
    """One lever of a counterfactual: what the buyer does, and the feature that shows it."""

    lever: str
    feature: str
    unit: str
    steps: int
    old: float | None
    new: float | None


class Counterfactual(BaseModel):
    """The smallest change along one lever, or two pulled together, and what scoring again gives."""

    lever: str
    reaches: list[Literal["grade", "request"]]
    changes: list[LeverChange]
    text: str
    default_probability: float = Field(ge=0, le=1)
    grade: str
    limit: float = Field(ge=0, description="set anew: not held back by one in force")


class CounterfactualAnswer(BaseModel):
    """What the buyer could change to gain a grade or have the request covered."""

    buyer_id: str
    as_of_date: date
    counterfactuals: list[Counterfactual]
    reason: Reason | None = Field(description="why there is none; null where there are some")
    model_version: str
    policy_version: str


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
