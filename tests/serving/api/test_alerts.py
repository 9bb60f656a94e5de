"""Alerts over HTTP: cursors, triage that is idempotent, and who may."""

from typing import Any

import pytest

from serving.cursor import Page
from serving.decide import Desk
from serving.surveillance import alerts
from serving.surveillance.contracts import Alert, AlertHistory

STATE = {
    "as_of_date": "2025-12-31",
    "default_probability": 0.02,
    "log_odds": -3.9,
    "grade": "7",
    "limit_in_force": 0.0,
    "limit_use": None,
    "open_amount": 10.0,
    "overdue_amount": 0.0,
    "expected_loss": 1.0,
    "accounts_age_months": None,
}
WORDS = {"en": "worse", "fr": "dégradé"}
CHANGE = {"log_odds": 0.5, "model": 0.0, "model_changed": False}
TOPICS = [{"topic": "trade", "label": WORDS, "log_odds": 0.5}]


def content(number: int, **more: object) -> dict[str, Any]:
    told = {
        "alert_id": f"a{number}",
        "run_id": "run",
        "buyer_id": f"B{number}",
        "name": None,
        "as_of_date": "2025-12-31",
        "kind": "grade_drop",
        "rules": ["grade_drop"],
        "before": STATE,
        "after": STATE,
        "currency": "EUR",
        "change": {**CHANGE, "topics": TOPICS},
        "text": WORDS,
        "action": {"code": "review", **WORDS},
    }
    return {**told, **more}


@pytest.fixture
def raised(desk: Desk) -> Desk:
    alerts.raise_alerts(desk.store, [content(n) for n in range(5)])
    return desk


def test_pages_by_cursor(client: Any, raised: Desk) -> None:
    def page(**question: Any) -> tuple[list[str], str]:
        found = client.fits(client.get("/v1/alerts", params=question), Page[Alert])
        return [alert["alert_id"] for alert in found["items"]], found["next_cursor"]

    first, cursor = page(page_size=3)
    second, cursor = page(since=cursor)
    assert (first, second) == (["a0", "a1", "a2"], ["a3", "a4"])
    assert page(since=cursor) == ([], cursor)
    alerts.raise_alerts(raised.store, [content(5)])
    assert page(since=cursor)[0] == ["a5"]
    client.refused(client.get("/v1/alerts?since=7"), "invalid-request")


def test_triage_twice_is_triage_once(client: Any, raised: Desk) -> None:
    for _ in range(2):
        done = client.fits(client.post("/v1/alerts/a1/assign", json={"to": "camille"}), Alert)
        assert (done["state"], done["assignee"]) == ("assigned", "camille")
    until = {"until": "2099-01-01"}
    client.fits(client.post("/v1/alerts/a1/snooze", json=until), Alert)
    client.fits(client.post("/v1/alerts/a1/acknowledge"), Alert)
    history = client.fits(client.get("/v1/alerts/a1"), AlertHistory)
    assert [done["action"] for done in history["actions"]] == ["assign", "snooze", "acknowledge"]
    assert {done["caller"] for done in history["actions"]} == {client.name}
    found = client.get("/v1/alerts?state=open&state=assigned").json()["items"]
    assert [alert["alert_id"] for alert in found] == ["a0", "a2", "a3", "a4"]


def test_only_a_proposed_raise_is_confirmed(client: Any, raised: Desk) -> None:
    alerts.raise_alerts(raised.store, [content(9, rules=["limit_use", "limit_raise"])])
    client.fits(client.post("/v1/alerts/a9/confirm"), Alert)
    client.refused(client.post("/v1/alerts/a1/confirm"), "invalid-request")


@pytest.mark.parametrize("path", ["/acknowledge", "/confirm"])
def test_an_unknown_alert(client: Any, path: str) -> None:
    client.refused(client.post(f"/v1/alerts/none{path}"), "unknown-alert")
    client.refused(client.get("/v1/alerts/none"), "unknown-alert")


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("snooze", {"until": "yesterday"}),
        ("snooze", {}),
        ("assign", {"to": ""}),
        ("assign", {"to": "ada", "and": "bob"}),
    ],
)
def test_what_cannot_be_read_is_refused(client: Any, raised: Desk, path: str, sent: dict) -> None:
    client.refused(client.post(f"/v1/alerts/a1/{path}", json=sent), "invalid-request")


def test_the_metrics_tell_of_alerts(client: Any, raised: Desk) -> None:
    text = client.get("/metrics").text
    assert 'encours_alerts{kind="grade_drop",state="open"} 5.0' in text
