"""The inbox of alerts: what fired on whom, why, what to do; taken, put off or done with in place.

Buttons ask the API of alerts (serving/api/alerts.py): a page and a machine do the same.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import orjson
import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from serving.access.caller import ROLES, Caller
from serving.access.door import needs
from serving.access.people import all_people
from serving.decide import desk_of
from serving.store.store import Store
from serving.store.surveillance import ALERTS
from serving.surveillance import alerts, runs
from serving.workbench import words
from serving.workbench.frame import page
from serving.workbench.paging import Pages, page_number

ALERTS_A_PAGE = 20
# What is shown together: alerts of these states.
BOXES = {
    "todo": ("open", "assigned"),
    "mine": ("assigned",),
    "snoozed": ("snoozed",),
    "done": ("acknowledged",),
}
# Run ids begin with their day. The order of the words is that of surveillance's rules.
GRAVITY = sa.case({kind: place for place, kind in enumerate(words.RULES)}, value=ALERTS.c.kind)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/alerts")
def inbox(
    request: Request,
    box: str = "todo",
    kind: str = "",
    number: str = Query("1", alias="page"),
    caller: Caller = needs("read"),
) -> HTMLResponse:
    """Alerts of one box, latest run first and in it the gravest, a page at a time."""
    box = box if box in BOXES else "todo"
    kind = kind if kind in words.RULES else ""
    store = desk_of(request).store
    query = alerts.query(states=BOXES[box], kind=kind or None)
    if box == "mine":
        query = query.where(ALERTS.c.assignee == caller.name)
    rows, pages = _page(store, query, page_number(number))
    return page(
        request,
        "alerts.html",
        box=box,
        kind=kind,
        rows=rows,
        pages=pages,
        kinds=_kinds(alerts.counts(store), BOXES[box]),
        people=_people(store),
        today=str(date.today()),
        in_a_week=str(date.today() + timedelta(days=7)),
        run=next(iter(runs.finished(store, 1)), None),
        grades=desk_of(request).champion.now.model.policy.master_scale.names,
    )


def _page(store: Store, query: sa.Select, number: int) -> tuple[list[dict[str, Any]], Pages]:
    with store.reading() as connection:
        total = connection.execute(sa.select(sa.func.count()).select_from(query.subquery()))
        pages = Pages.of(total.scalar_one(), number, ALERTS_A_PAGE)
        ordered = query.order_by(ALERTS.c.run_id.desc(), GRAVITY, ALERTS.c.sequence)
        found = connection.execute(ordered.limit(ALERTS_A_PAGE).offset(pages.start)).all()
    return [orjson.loads(alerts.in_json(row)) for row in found], pages


def _kinds(counts: dict[tuple[str, str], int], states: Sequence[str]) -> dict[str, int]:
    """How many alerts of each kind stand in some states, gravest kind first."""
    found: Counter[str] = Counter()
    for (kind, state), count in counts.items():
        if state in states:
            found[kind] += count
    return {kind: found[kind] for kind in words.RULES if found[kind]}


def _people(store: Store) -> list[str]:
    """Who may take care of an alert."""
    return [
        person["name"]
        for person in all_people(store)
        if "triage" in ROLES[person["role"]] and not person.get("disabled_at")
    ]
