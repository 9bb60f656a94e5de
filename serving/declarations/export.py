"""Declared events into the next training set, as rows of `incidents`.

Training gives a label to a buyer and a day once the tables have been observed to the end of the
horizon and the reporting lag after it, never before (`models.label`). So what is exported must
not reach beyond the day up to which the tables themselves are known, or a window would seem closed
whose invoices nobody has seen.
"""

import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from features.tables import read_tables, write_tables
from serving.declarations.incidents import with_declared
from serving.declarations.known import Declared
from serving.portfolio import Portfolio
from serving.store.declarations import DECLARATIONS
from serving.store.store import Store


@dataclass(frozen=True)
class Exported:
    """How many events were taken, and how many are left for later, by why."""

    taken: int
    unknown_yet: int
    unreviewed: int
    strangers: int
    last_day: date


def export(store: Store, portfolio: Path, out: Path) -> Exported:
    """Write the tables in `portfolio` to the new folder `out`, with what was declared.

    Raises FileExistsError where `out` is there already.
    """
    if out.exists():
        raise FileExistsError(f"{out} is there already; name a new folder")
    tables = Portfolio.load(portfolio, "")
    last_day, events = tables.last_known_day, defaultdict[str, list[Declared]](list)
    unknown_yet = unreviewed = strangers = 0
    for row in _rows(store):
        if row.validity == "invalid":
            continue
        if row.known_on > str(last_day):
            unknown_yet += 1
        elif row.kind == "claim" and row.validity != "valid":
            unreviewed += 1
        elif tables.facts.code_of(row.buyer_id) < 0:
            strangers += 1
        else:
            event = Declared(*(getattr(row, name) for name in Declared._fields))
            events[row.buyer_id].append(event)
    shutil.copytree(portfolio, out)
    incidents = with_declared(read_tables(portfolio), events)["incidents"]
    write_tables({"incidents": incidents}, out)
    taken = sum(map(len, events.values()))
    return Exported(taken, unknown_yet, unreviewed, strangers, last_day)


def _rows(store: Store) -> list[sa.Row]:
    with store.reading() as connection:
        found = sa.select(DECLARATIONS).order_by(DECLARATIONS.c.sequence)
        return list(connection.execute(found).all())
