"""One alert: what is told of a buyer when something fires, as it is kept and delivered."""

from math import isfinite
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from serving.surveillance.advice import ACTIONS, SAID, action_for, said, say_action
from serving.surveillance.change import Row, change, say_change
from serving.surveillance.columns import EVENT_COLUMNS, TOPIC_COLUMNS
from serving.surveillance.rules import STALE_TABLES, Rules
from serving.surveillance.watch import names

STATE = (
    "default_probability",
    "log_odds",
    "grade",
    "limit_in_force",
    "limit_use",
    "open_amount",
    "overdue_amount",
    "expected_loss",
    "accounts_age_months",
)
# What an alert is made from, of both runs; then of this one.
READ = (
    "buyer_id",
    "name",
    "as_of_date",
    "currency",
    "model_version",
    "base_log_odds",
    *TOPIC_COLUMNS.values(),
    *STATE,
    "overdue_late",
    *EVENT_COLUMNS.values(),
    "fired",
)
READ_NOW = (*READ, "limit_proposed")


def alert_of(run_id: str, rules: Rules, before: Row | None, after: Row) -> dict[str, Any]:
    """The alert on one buyer, from its rows in the run before (READ; None: it is new) and in this
    one (READ_NOW). Its id is that of the buyer and the run: told twice, it is the same alert."""
    fired = names(after["fired"])
    moved = None if before is None else change(before, after)
    since = after if before is None else before
    text = said(fired, since, after, rules)
    if before is not None and moved is not None:
        more = say_change(before, after, moved)
        text = {language: f"{sentence}. {more[language]}" for language, sentence in text.items()}
    return {
        "alert_id": alert_id(run_id, after["buyer_id"]),
        "run_id": run_id,
        "buyer_id": after["buyer_id"],
        "name": after["name"],
        "as_of_date": str(after["as_of_date"]),
        "kind": fired[0],
        "rules": fired,
        "before": None if before is None else _state(before),
        "after": _state(after),
        "limit_proposed": _finite(after["limit_proposed"]) if "limit_raise" in fired else None,
        "currency": after["currency"],
        "change": moved,
        "text": text,
        "action": say_action(action_for(fired, since, after), after),
    }


def stale_tables_alert(run_id: str, as_of_date: str, newest: str, days: int) -> dict[str, Any]:
    """The alert that the tables as a whole are old."""
    words = {"newest": newest, "days": days}
    english, french = (text.format(**words) for text in SAID[STALE_TABLES])
    return {
        "alert_id": alert_id(run_id, ""),
        "run_id": run_id,
        "buyer_id": None,
        "name": None,
        "as_of_date": as_of_date,
        "kind": STALE_TABLES,
        "rules": [STALE_TABLES],
        "before": None,
        "after": None,
        "limit_proposed": None,
        "currency": None,
        "change": None,
        "text": {"en": english[0].upper() + english[1:], "fr": french[0].upper() + french[1:]},
        "action": {
            "code": "load_tables",
            **dict(zip(("en", "fr"), ACTIONS["load_tables"], strict=True)),
        },
    }


def alert_id(run_id: str, buyer_id: str) -> str:
    """The same for the same buyer and run."""
    return str(uuid5(NAMESPACE_URL, f"encours:alert:{run_id}:{buyer_id}"))


def _state(row: Row) -> dict[str, Any]:
    """Numbers that are unknown, or without bound, are null in JSON."""
    return {name: _finite(row[name]) for name in ("as_of_date", *STATE)}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if isfinite(value) else None
    return value if value is None or isinstance(value, str) else str(value)
