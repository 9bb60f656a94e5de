"""Past decisions, as they were kept."""

import asyncio

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.access.door import needs
from serving.api.openapi import problems
from serving.api.reading import desk_of, json_answer
from serving.contracts import KeptDecision
from serving.problems import Problem

router = APIRouter()


@router.get(
    "/v1/decisions/{decision_id}",
    dependencies=[needs("read")],
    responses={
        200: {"model": KeptDecision, "description": "The decision as it was kept"},
        **problems("unknown-decision", "invalid-request"),
    },
)
async def decision(request: Request, decision_id: str) -> Response:
    """A past decision, byte for byte, with what was asked and the versions that answered."""
    record = await asyncio.to_thread(desk_of(request).store.find, decision_id)
    if record is None:
        raise Problem(
            "unknown-decision", f"no decision {decision_id!r}; see the answer's decision_id"
        )
    kept = {name: getattr(record, name) for name in KeptDecision.model_fields}
    for name in ("request", "answer"):
        kept[name] = orjson.Fragment(kept[name])
    return json_answer(orjson.dumps(kept))
