"""Cursors: where a list goes on, as an opaque word that stays right while rows are added.

A list is ordered by a number that never changes and only grows (a `sequence`), so a page begins
after the last row that was seen, not after so many rows. A list is read from its latest row down;
a feed from its oldest up, and always has a cursor to ask again with.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

import sqlalchemy as sa
from fastapi import Query
from pydantic import BaseModel, Field

from serving.problems import field_problem

MOST_A_PAGE = 200
REMEDY = "is no cursor of this list; send one that it gave, or none to begin"

Item = TypeVar("Item")
Cursor = Annotated[
    str | None, Query(max_length=200, description="`next_cursor` of the page before")
]
PageSize = Annotated[int, Query(ge=1, le=MOST_A_PAGE, description="rows a page")]


class Page(BaseModel, Generic[Item]):
    """Some rows of a list; `next_cursor` leads on, null where the list ends."""

    items: list[Item]
    next_cursor: str | None = Field(description="send it as `cursor` for what follows")


def newest(
    connection: sa.Connection, query: sa.Select, order: sa.Column, cursor: str | None, size: int
) -> tuple[Sequence[sa.Row], str | None]:
    """A page of `query` from the greatest `order` down, and the cursor to the next. Raises
    Problem."""
    name = f"{order.table.name} down"
    after = place_in(name, cursor)
    if after is not None:
        query = query.where(order < after)
    rows = connection.execute(query.order_by(order.desc()).limit(size + 1)).all()
    more = len(rows) > size
    return rows[:size], cursor_to(name, _place(rows[size - 1], order)) if more else None


def following(
    connection: sa.Connection, query: sa.Select, order: sa.Column, cursor: str | None, size: int
) -> tuple[Sequence[sa.Row], str]:
    """A page of `query` from the smallest `order` up, and the cursor to what follows, now or
    later. Raises Problem."""
    name = f"{order.table.name} up"
    after = place_in(name, cursor) or 0
    rows = connection.execute(query.where(order > after).order_by(order).limit(size)).all()
    return rows, cursor_to(name, _place(rows[-1], order) if rows else after)


def cursor_to(name: str, place: int) -> str:
    """The cursor behind the row at `place` in the list `name`."""
    return urlsafe_b64encode(json.dumps([name, place]).encode()).decode().rstrip("=")


def place_in(name: str, cursor: str | None) -> int | None:
    """The place in a cursor of the list `name`, None where there is none. Raises Problem."""
    if cursor is None:
        return None
    try:
        found, place = json.loads(urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
    except (ValueError, TypeError):
        found, place = None, None
    if found != name or type(place) is not int or not 0 <= place < 2**63:
        raise field_problem("cursor", cursor, REMEDY)
    return place


def _place(row: sa.Row, order: sa.Column) -> int:
    return int(row._mapping[order])
