"""Past decisions, as they were kept, and made again."""

import asyncio

import orjson
from fastapi import APIRouter, Request
from fastapi.responses import Response

from serving.access.door import needs
from serving.api import examples
from serving.api.openapi import answer, problems
from serving.api.reading import json_answer
from serving.api.route import ApiRoute
from serving.code_version import code_version
from serving.decide import desk_of
from serving.kept_answers import KeptDecision, ReplayAnswer
from serving.replay import Replay, find, replay
from serving.store.store import Store

router = APIRouter(prefix="/v1", route_class=ApiRoute, tags=["Decisions"])


@router.get(
    "/decisions/{decision_id}",
    dependencies=[needs("read")],
    responses={
        **answer(KeptDecision, "The decision as it was kept", examples.KEPT_DECISION),
        **problems("unknown-decision", "invalid-request", "store-unavailable"),
    },
)
async def decision(request: Request, decision_id: str) -> Response:
    """A past decision, byte for byte, with what was asked and the versions that answered."""
    record = await asyncio.to_thread(find, desk_of(request).store, decision_id)
    kept = {name: getattr(record, name) for name in KeptDecision.model_fields}
    for name in ("request", "answer"):
        kept[name] = orjson.Fragment(kept[name])
    return json_answer(orjson.dumps(kept))


@router.get(
    "/decisions/{decision_id}/replay",
    dependencies=[needs("read")],
    responses={
        **answer(ReplayAnswer, "The decision made again", examples.REPLAY),
        **problems("unknown-decision", "not-replayable", "invalid-request", "store-unavailable"),
    },
)
async def replay_decision(request: Request, decision_id: str) -> Response:
    """The same decision made again, now, from the archived model and facts that it names."""
    again = await asyncio.to_thread(_replayed, desk_of(request).store, decision_id)
    told = {
        "decision_id": decision_id,
        "identical": again.identical,
        "explanation": again.explanation,
        "code_version": again.record.code_version,
        "code_version_now": code_version(),
        "answer": orjson.Fragment(again.answer),
    }
    return json_answer(orjson.dumps(told))


def _replayed(store: Store, decision_id: str) -> Replay:
    return replay(store, find(store, decision_id))
