"""Filters that people keep under a name, each their own."""

from typing import NamedTuple

import sqlalchemy as sa

from serving.problems import field_problem
from serving.store.store import Store
from serving.store.surveillance import instant, now
from serving.store.workbench import SAVED_FILTERS

MOST = 50  # a person's
LONGEST_NAME = 60


class SavedFilter(NamedTuple):
    """A name, and how the address of the page ends."""

    name: str
    query: str


def saved(store: Store, owner: str) -> list[SavedFilter]:
    """What somebody kept, by name."""
    query = sa.select(SAVED_FILTERS.c.name, SAVED_FILTERS.c.query)
    mine = query.where(SAVED_FILTERS.c.owner == owner).order_by(SAVED_FILTERS.c.name)
    with store.reading() as connection:
        return [SavedFilter(*row) for row in connection.execute(mine)]


def save(store: Store, owner: str, name: str, query: str) -> None:
    """Keep a filter; one of the same name is replaced. Raises Problem."""
    name = " ".join(name.replace("\x00", "").split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise field_problem("name", name, f"give it a name of 1 to {LONGEST_NAME} characters")
    row = {"owner": owner, "name": name, "query": query, "saved_at": instant(now())}
    with store.writing() as connection:
        connection.execute(_delete(owner, name))
        count = sa.select(sa.func.count()).where(SAVED_FILTERS.c.owner == owner)
        if connection.execute(count).scalar_one() >= MOST:
            raise field_problem("name", name, f"you have {MOST} already; remove one first")
        connection.execute(sa.insert(SAVED_FILTERS), [row])


def remove(store: Store, owner: str, name: str) -> None:
    """Forget a filter; none of that name is none to forget."""
    with store.writing() as connection:
        connection.execute(_delete(owner, name))


def _delete(owner: str, name: str) -> sa.Delete:
    mine = SAVED_FILTERS.c.owner == owner
    return sa.delete(SAVED_FILTERS).where(mine, SAVED_FILTERS.c.name == name)
