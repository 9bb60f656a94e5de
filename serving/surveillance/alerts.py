"""Alerts in the store: raised once, listed by cursor, and what people do about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from serving.store import changes
from serving.store.store import Store
from serving.store.surveillance import ALERT_ACTIONS, ALERTS, instant, now
from serving.surveillance import outbox, webhooks

A_TRANSACTION = 500  # alerts raised together: the service waits no longer than that


@dataclass(frozen=True)
class Action:
    """What a person does about an alert; `detail` is the day a snooze ends, or the assignee."""

    action: str  # acknowledge, snooze, assign, confirm
    caller: str
    detail: str | None = None


def raise_alerts(store: Store, contents: Sequence[dict[str, Any]]) -> int:
    """Keep alerts and the messages that tell of them, each in one transaction; those that are kept
    already stay as they are. Returns how many were new."""
    raised = 0
    for first in range(0, len(contents), A_TRANSACTION):
        some = contents[first : first + A_TRANSACTION]
        with store.writing() as connection:
            raised += _raise(connection, some)
    return raised


def _raise(connection: sa.Connection, contents: Sequence[dict[str, Any]]) -> int:
    ids = [content["alert_id"] for content in contents]
    kept = set(
        connection.execute(sa.select(ALERTS.c.alert_id).where(ALERTS.c.alert_id.in_(ids))).scalars()
    )
    sequence = connection.execute(sa.select(sa.func.max(ALERTS.c.sequence))).scalar() or 0
    at, rows, messages = now(), [], []
    targets = webhooks.active(connection)
    for content in contents:
        if content["alert_id"] in kept:
            continue
        sequence += 1
        told = orjson.dumps({**content, "raised_at": instant(at)})
        rows.append(
            {
                **{name: content[name] for name in ("alert_id", "run_id", "buyer_id", "kind")},
                "sequence": sequence,
                "raised_at": instant(at),
                "content": told,
                "state": "open",
            }
        )
        messages += [webhooks.message(target, content["alert_id"], told) for target in targets]
    if rows:
        connection.execute(sa.insert(ALERTS), rows)
        outbox.post(connection, messages, at)
    return len(rows)


def query(
    *,
    states: Sequence[str] = (),
    kind: str | None = None,
    buyer_id: str | None = None,
    today: str | None = None,
) -> sa.Select:
    """Alerts, to be ordered by their sequence. A snooze that has ended by `today` counts as what it
    was before."""
    day = today or instant(now())[:10]
    found = sa.select(*_columns(day))
    if states:
        found = found.where(_state(day).in_(states))
    if kind:
        found = found.where(ALERTS.c.kind == kind)
    return found if buyer_id is None else found.where(ALERTS.c.buyer_id == buyer_id)


def find(store: Store, alert_id: str, today: str | None = None) -> sa.Row | None:
    """The alert of that id."""
    with store.reading() as connection:
        return _find(connection, alert_id, today or instant(now())[:10])


def actions(store: Store, alert_id: str) -> list[sa.Row]:
    """What was done about an alert, first to last."""
    with store.reading() as connection:
        return list(connection.execute(_actions_of(alert_id)))


def act(connection: sa.Connection, alert_id: str, action: Action) -> sa.Row | None:
    """Do `action`, and say how the alert stands then; the same action again changes nothing. None
    where there is no such alert; ValueError where there is no raise to confirm."""
    today = instant(now())[:10]
    found = _find(connection, alert_id, today)
    if found is None:
        return None
    if action.action == "confirm" and "limit_raise" not in orjson.loads(found.content)["rules"]:
        raise ValueError("this alert proposes no raise of a limit; acknowledge it instead")
    last = connection.execute(_actions_of(alert_id, last_first=True)).first()
    if last is None or (last.action, last.detail) != (action.action, action.detail):
        number = last.number + 1 if last else 1
        done = {"alert_id": alert_id, "number": number, "at": instant(now()), **vars(action)}
        connection.execute(sa.insert(ALERT_ACTIONS), [done])
        changed = sa.update(ALERTS).where(ALERTS.c.alert_id == alert_id)
        connection.execute(changed.values(**_CHANGES[action.action](action.detail)))
        changes.note(connection, ALERT_ACTIONS, alert_id, number)
        changes.note(connection, ALERTS, alert_id)
    return _find(connection, alert_id, today)


def _actions_of(alert_id: str, *, last_first: bool = False) -> sa.Select:
    number = ALERT_ACTIONS.c.number
    query = sa.select(ALERT_ACTIONS).where(ALERT_ACTIONS.c.alert_id == alert_id)
    return query.order_by(number.desc() if last_first else number)


_CHANGES: dict[str, Callable[[str | None], dict[str, str | None]]] = {
    "acknowledge": lambda _: {"state": "acknowledged", "snoozed_until": None},
    "confirm": lambda _: {"state": "acknowledged", "snoozed_until": None},
    "snooze": lambda day: {"state": "snoozed", "snoozed_until": day},
    "assign": lambda name: {"state": "assigned", "assignee": name, "snoozed_until": None},
}


def confirmed(store: Store, since: str | None) -> set[str]:
    """Buyers whose proposed raise was confirmed after the instant `since`."""
    if since is None:
        return set()
    query = (
        sa.select(ALERTS.c.buyer_id)
        .join(ALERT_ACTIONS, ALERT_ACTIONS.c.alert_id == ALERTS.c.alert_id)
        .where((ALERT_ACTIONS.c.action == "confirm") & (ALERT_ACTIONS.c.at > since))
    )
    with store.reading() as connection:
        return set(connection.execute(query).scalars())


def counts(store: Store) -> dict[tuple[str, str], int]:
    """Alerts by kind and state."""
    query = sa.select(ALERTS.c.kind, ALERTS.c.state, sa.func.count())
    with store.reading() as connection:
        rows = connection.execute(query.group_by(ALERTS.c.kind, ALERTS.c.state))
        return {(kind, state): count for kind, state, count in rows}


def in_json(found: sa.Row) -> bytes:
    """An alert in JSON: as it was delivered, and how it stands."""
    content = orjson.loads(found.content)
    for name in ("sequence", "state", "assignee", "snoozed_until"):
        content[name] = getattr(found, name)
    return orjson.dumps(content)


def _find(connection: sa.Connection, alert_id: str, today: str) -> sa.Row | None:
    query = sa.select(*_columns(today)).where(ALERTS.c.alert_id == alert_id)
    return connection.execute(query).first()


def _columns(today: str) -> list[sa.ColumnElement]:
    others = [column for column in ALERTS.c if column.name != "state"]
    return [*others, _state(today).label("state")]


def _state(today: str) -> sa.ColumnElement:
    over = (ALERTS.c.state == "snoozed") & (ALERTS.c.snoozed_until <= today)
    before = sa.case((ALERTS.c.assignee.is_not(None), "assigned"), else_="open")
    return sa.case((over, before), else_=ALERTS.c.state)
