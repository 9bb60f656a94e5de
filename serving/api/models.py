"""What answers now."""

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.access.door import needs
from serving.api import examples
from serving.api.openapi import answer, problems
from serving.api.reading import json_answer
from serving.api.route import ApiRoute
from serving.decide import desk_of
from serving.kept_answers import ServedModel

router = APIRouter(route_class=ApiRoute, tags=["Models"])


@router.get(
    "/v1/models",
    dependencies=[needs("read")],
    responses={**answer(ServedModel, "What answers now", examples.SERVED), **problems()},
)
async def models(request: Request) -> Response:
    """What answers now, since when, and how it was validated."""
    desk = desk_of(request)
    in_force = desk.champion.now
    return json_answer(
        orjson.dumps(
            {
                "model_version": in_force.model.version,
                "policy_version": in_force.model.policy.version,
                "data_version": desk.portfolio.version,
                "served_since": in_force.since,
                "buyers": len(desk.portfolio),
                "last_known_day": desk.portfolio.last_known_day,
                "validation": in_force.model.validation,
                "metadata": dict(in_force.model.metadata),
            }
        )
    )
