"""The outbox: messages written in the transaction of what they tell, and delivered at least once.

A message waits, is leased by one worker, and is delivered, or waits longer each time it fails, or
is dead after ATTEMPTS. A lease moves `due_at` into the future, so a worker that dies gives its
messages back by doing nothing. Whoever receives a message twice knows it by its id.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

import sqlalchemy as sa

from serving.store.store import Store
from serving.store.surveillance import OUTBOX, instant

Channel = Literal["webhook", "email"]

ATTEMPTS: Final = 18  # over a day, some 22 hours
LEASE: Final = timedelta(minutes=2)
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=4)


@dataclass(frozen=True)
class Message:
    """What is to be delivered; `attempts` were made before."""

    message_id: str
    channel: Channel
    target: str
    content: bytes
    attempts: int = 0


def post(connection: sa.Connection, messages: Sequence[Message], at: datetime) -> None:
    """Put messages into the outbox, in the caller's transaction."""
    rows = [
        {**vars(message), "created_at": instant(at), "due_at": instant(at), "state": "waiting"}
        for message in messages
    ]
    if rows:
        connection.execute(sa.insert(OUTBOX), rows)


def lease(store: Store, at: datetime, but: Collection[str] = (), most: int = 24) -> list[Message]:
    """Messages that are due, oldest first, for this worker alone until the lease ends; none to the
    targets `but`."""
    due = (OUTBOX.c.state == "waiting") & (OUTBOX.c.due_at <= instant(at))
    due &= OUTBOX.c.target.not_in(but)
    query = sa.select(OUTBOX).where(due).order_by(OUTBOX.c.due_at, OUTBOX.c.message_id).limit(most)
    with store.reading() as connection:
        if connection.execute(query.limit(1)).first() is None:
            return []  # the usual case: no turn of the writers is taken
    with store.writing() as connection:
        found = connection.execute(query).all()
        connection.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.message_id.in_([row.message_id for row in found]))
            .values(due_at=instant(at + LEASE), attempts=OUTBOX.c.attempts + 1)
        )
    return [
        Message(row.message_id, row.channel, row.target, row.content, row.attempts) for row in found
    ]


def settle(store: Store, outcomes: Sequence[tuple[Message, str | None]], at: datetime) -> None:
    """Note what became of leased messages: None is delivered, else what went wrong."""
    with store.writing() as connection:
        for message, error in outcomes:
            connection.execute(
                sa.update(OUTBOX)
                .where(OUTBOX.c.message_id == message.message_id)
                .where(OUTBOX.c.state == "waiting")
                .values(**_settled(message, error, at))
            )


def _settled(message: Message, error: str | None, at: datetime) -> dict[str, object]:
    if error is None:
        return {"state": "delivered", "last_error": None}
    if message.attempts + 1 >= ATTEMPTS:
        return {"state": "dead", "last_error": error}
    return {"due_at": instant(at + wait_after(message.attempts)), "last_error": error}


def wait_after(attempts: int) -> timedelta:
    """How long to wait after a failure: doubled each time, half of it by chance, so that those who
    failed together do not come back together."""
    longest = min(FIRST_WAIT * 2**attempts, LONGEST_WAIT)
    return longest * (0.5 + random.random() / 2)  # noqa: S311


def counts(store: Store) -> dict[str, int]:
    """Messages by state."""
    query = sa.select(OUTBOX.c.state, sa.func.count().label("messages")).group_by(OUTBOX.c.state)
    with store.reading() as connection:
        return {row.state: row.messages for row in connection.execute(query)}


def revive(store: Store, at: datetime) -> int:
    """Give the dead messages another round; how many there were."""
    with store.writing() as connection:
        changed = connection.execute(
            sa.update(OUTBOX)
            .where(OUTBOX.c.state == "dead")
            .values(state="waiting", attempts=0, due_at=instant(at))
        )
    return changed.rowcount
