"""Alerts: listed by cursor; acknowledged, snoozed, assigned, confirmed; asked twice, done once."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from serving.access.door import Caller, needs
from serving.api.example_alert import ALERT
from serving.api.openapi import answer, problems, write
from serving.api.reading import json_answer, key_of, read_body, read_keyed
from serving.api.route import ApiRoute
from serving.api.writing import write as keep
from serving.cursor import Cursor, Page, PageSize, following
from serving.decide import desk_of
from serving.problems import Problem, field_problem
from serving.store.repeats import Key
from serving.store.surveillance import ALERTS
from serving.surveillance import alerts
from serving.surveillance.alerts import Action
from serving.surveillance.contracts import Alert, AlertHistory, Assign, Snooze, State

router = APIRouter(prefix="/v1/alerts", route_class=ApiRoute, tags=["Alerts"])
CHANGED: dict[int | str, dict[str, Any]] = {
    **answer(Alert, "The alert as it stands now", ALERT),
    **problems("unknown-alert", "invalid-request", "malformed-json", "too-large", "key-reused"),
}


@router.get(
    "",
    dependencies=[needs("read")],
    responses={
        **answer(
            Page[Alert],
            "Alerts after the cursor, oldest first",
            {"items": [ALERT], "next_cursor": "WyJhbGVydHMgdXAiLCAxXQ"},
        ),
        **problems("invalid-request"),
    },
)
async def list_alerts(
    request: Request,
    since: Cursor = None,
    state: Annotated[list[State] | None, Query(description="only these states")] = None,
    kind: Annotated[str | None, Query(max_length=40, description="only this kind")] = None,
    buyer_id: Annotated[str | None, Query(max_length=200, description="only this buyer")] = None,
    page_size: PageSize = 50,
) -> Response:
    """Alerts since a cursor: ask without one, then with the cursor of each answer, now or later."""
    query = alerts.query(states=state or (), kind=kind, buyer_id=buyer_id)

    def page() -> tuple[Sequence[sa.Row], str]:
        with desk_of(request).store.reading() as connection:
            return following(connection, query, ALERTS.c.sequence, since, page_size)

    found, cursor = await asyncio.to_thread(page)
    items = [orjson.Fragment(alerts.in_json(row)) for row in found]
    return json_answer(orjson.dumps({"items": items, "next_cursor": cursor}))


@router.get(
    "/{alert_id}",
    dependencies=[needs("read")],
    responses={
        **answer(AlertHistory, "The alert and what was done about it", {**ALERT, "actions": []}),
        **problems("unknown-alert", "invalid-request"),
    },
)
async def alert(request: Request, alert_id: str) -> Response:
    """One alert, with what was done about it, first to last."""
    store = desk_of(request).store
    found = _known(await asyncio.to_thread(alerts.find, store, alert_id), alert_id)
    done = await asyncio.to_thread(alerts.actions, store, alert_id)
    content = orjson.loads(alerts.in_json(found))
    names = ("at", "caller", "action", "detail")
    content["actions"] = [{name: getattr(row, name) for name in names} for row in done]
    return json_answer(orjson.dumps(content))


@router.post("/{alert_id}/acknowledge", openapi_extra=write(), responses=CHANGED)
async def acknowledge(
    request: Request, alert_id: str, caller: Caller = needs("triage")
) -> Response:
    """Seen and dealt with. Again, it changes nothing."""
    key = key_of(request, await read_body(request))
    return await _act(request, key, alert_id, Action("acknowledge", caller.name))


@router.post(
    "/{alert_id}/snooze",
    openapi_extra=write(Snooze, next_month={"until": "2026-01-31"}),
    responses=CHANGED,
)
async def snooze(request: Request, alert_id: str, caller: Caller = needs("triage")) -> Response:
    """Hide it until a day, when it is open again."""
    asked, key = await read_keyed(request, Snooze)
    return await _act(request, key, alert_id, Action("snooze", caller.name, str(asked.until)))


@router.post(
    "/{alert_id}/assign",
    openapi_extra=write(Assign, to_a_colleague={"to": "camille"}),
    responses=CHANGED,
)
async def assign(request: Request, alert_id: str, caller: Caller = needs("triage")) -> Response:
    """Give it to someone."""
    asked, key = await read_keyed(request, Assign)
    return await _act(request, key, alert_id, Action("assign", caller.name, asked.to))


@router.post("/{alert_id}/confirm", openapi_extra=write(), responses=CHANGED)
async def confirm(request: Request, alert_id: str, caller: Caller = needs("override")) -> Response:
    """Confirm the raise of the limit that the alert proposes: the next run puts it in force, where
    it is still worth it then."""
    key = key_of(request, await read_body(request))
    return await _act(request, key, alert_id, Action("confirm", caller.name))


async def _act(request: Request, key: Key | None, alert_id: str, action: Action) -> Response:
    def change(connection: sa.Connection) -> bytes:
        try:
            found = alerts.act(connection, alert_id, action)
        except ValueError as error:
            raise field_problem("alert_id", alert_id, str(error)) from error
        return alerts.in_json(_known(found, alert_id))

    return await keep(request, key, change, 200)


def _known(found: sa.Row | None, alert_id: str) -> sa.Row:
    if found is None:
        raise Problem("unknown-alert", f"no alert {alert_id!r}; GET /v1/alerts lists them")
    return found
