"""What is declared and overridden, in the memory of one worker, as of a revision of the store.

A worker reads only what is new to it. A decision carries the revision it knew of, and the store
refuses it where its buyer changed since (`serving.store.store.Outdated`): so no worker ever
answers without what another has acknowledged, and no request has to ask the store first.
"""

import threading
from collections.abc import Sequence
from dataclasses import fields
from typing import NamedTuple

import sqlalchemy as sa

from serving.declarations.apply import Override
from serving.store.declarations import DECLARATIONS, OVERRIDES, last_revision
from serving.store.store import Store


class Declared(NamedTuple):
    """One declared event, as a row of `incidents`."""

    event_date: str
    known_on: str
    kind: str
    amount: float
    currency: str
    disputed: bool


class Known:
    """Declared events and overrides by buyer. `revision` is read before what it stands for, so
    that it never claims more than is known."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._events: dict[str, dict[str, Declared]] = {}
        self._overrides: dict[str, dict[str, Override]] = {}
        self.revision = 0
        self.refresh()

    def refresh(self) -> None:
        """Read what was declared since the last time."""
        with self._lock, self._store.reading() as connection:
            revision = last_revision(connection)
            if revision == self.revision:
                return
            for row in _since(connection, DECLARATIONS, self.revision):
                self._take_event(row)
            for row in _since(connection, OVERRIDES, self.revision):
                self._take_override(row)
            self.revision = revision

    def buyers(self) -> set[str]:
        """Buyers of whom anything was declared or overridden."""
        return {*self._events, *self._overrides}

    def events(self, buyer_id: str) -> tuple[Declared, ...]:
        """What was declared of a buyer and not found invalid, in order of arrival."""
        return tuple(self._events.get(buyer_id, {}).values())

    def overrides(self, buyer_id: str, as_of_date: str) -> Sequence[Override]:
        """The last limit and the last grade that people set for that day."""
        last: dict[bool, Override] = {}
        for override in self._overrides.get(buyer_id, {}).values():
            if override.in_force(as_of_date):
                last[override.limit is None] = override
        return tuple(last.values())

    def _take_event(self, row: sa.Row) -> None:
        events = dict(self._events.get(row.buyer_id, {}))
        events[row.declaration_id] = Declared(*(getattr(row, name) for name in Declared._fields))
        if row.validity == "invalid":
            del events[row.declaration_id]
        self._events[row.buyer_id] = events

    def _take_override(self, row: sa.Row) -> None:
        overrides = dict(self._overrides.get(row.buyer_id, {}))
        overrides[row.override_id] = override_of(row)
        if row.withdrawn_at is not None:
            del overrides[row.override_id]
        self._overrides[row.buyer_id] = overrides


def override_of(row: sa.Row) -> Override:
    """A row of OVERRIDES as what it sets."""
    return Override(**{field.name: getattr(row, field.name) for field in fields(Override)})


def _since(connection: sa.Connection, table: sa.Table, revision: int) -> sa.CursorResult:
    changed = sa.select(table).where(table.c.revision > revision).order_by(table.c.sequence)
    return connection.execute(changed)
