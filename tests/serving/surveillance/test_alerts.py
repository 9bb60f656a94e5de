"""Alerts in the store, on SQLite and PostgreSQL: raised once, listed by cursor, triaged."""

import orjson
import pytest
import sqlalchemy as sa

from serving.cursor import following
from serving.store.store import Store
from serving.store.surveillance import ALERTS, OUTBOX
from serving.surveillance import alerts, outbox, webhooks
from serving.surveillance.alerts import Action


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_WEBHOOK_SECRET", "a secret of the tests")


def content(number: int, run: str = "run", **more: object) -> dict:
    told = {
        "alert_id": f"{run}-{number}",
        "run_id": run,
        "buyer_id": f"B{number}",
        "kind": "overdue",
        "rules": ["overdue"],
    }
    return {**told, **more}


def act(store: Store, alert_id: str, action: Action) -> sa.Row | None:
    with store.writing() as connection:
        return alerts.act(connection, alert_id, action)


def test_an_alert_is_raised_once_with_a_message_an_endpoint(real_store: Store) -> None:
    first, _ = webhooks.add(real_store, "https://one.example/")
    webhooks.add(real_store, "https://two.example/")
    assert alerts.raise_alerts(real_store, [content(1), content(2)]) == 2
    assert alerts.raise_alerts(real_store, [content(2), content(3)]) == 1
    assert outbox.counts(real_store) == {"waiting": 6}
    with real_store.reading() as connection:
        row = connection.execute(sa.select(OUTBOX).where(OUTBOX.c.target == first)).first()
    assert orjson.loads(row.content)["alert_id"].startswith("run-")
    webhooks.remove(real_store, first)
    alerts.raise_alerts(real_store, [content(4)])
    assert outbox.counts(real_store) == {"waiting": 7}


def test_an_alert_without_its_messages_is_not_kept(
    real_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhooks.add(real_store, "https://one.example/")

    def fail(*_: object) -> None:
        raise OSError("no room")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no room"):
        patch.setattr(outbox, "post", fail)
        alerts.raise_alerts(real_store, [content(1)])
    assert ids(real_store) == []
    assert alerts.raise_alerts(real_store, [content(1)]) == 1


def ids(store: Store, **filters: object) -> list[str]:
    with store.reading() as connection:
        return [row.alert_id for row in connection.execute(alerts.query(**filters))]


def test_a_cursor_misses_nothing_and_tells_nothing_twice(real_store: Store) -> None:
    alerts.raise_alerts(real_store, [content(n) for n in range(8)])
    found, cursor = [], None
    while True:
        with real_store.reading() as connection:
            rows, cursor = following(connection, alerts.query(), ALERTS.c.sequence, cursor, 3)
        if not rows:
            break
        found += [row.alert_id for row in rows]
        if len(found) == 6:  # meanwhile, more are raised
            alerts.raise_alerts(real_store, [content(n) for n in range(8, 10)])
    assert found == [f"run-{n}" for n in range(10)]


def test_filters(real_store: Store) -> None:
    alerts.raise_alerts(real_store, [content(1), content(2, kind="incident")])
    act(real_store, "run-1", Action("acknowledge", "ada"))
    assert ids(real_store, kind="incident") == ["run-2"]
    assert ids(real_store, states=["acknowledged"]) == ["run-1"]
    assert ids(real_store, buyer_id="B2") == ["run-2"]
    assert alerts.counts(real_store) == {("overdue", "acknowledged"): 1, ("incident", "open"): 1}


def test_doing_the_same_twice_is_doing_it_once(real_store: Store) -> None:
    alerts.raise_alerts(real_store, [content(1)])
    for action in (
        Action("assign", "ada", "bob"),
        Action("assign", "ada", "bob"),
        Action("snooze", "bob", "2999-01-01"),
        Action("acknowledge", "bob"),
        Action("acknowledge", "eve"),
    ):
        found = act(real_store, "run-1", action)
    assert found is not None
    assert (found.state, found.assignee, found.snoozed_until) == ("acknowledged", "bob", None)
    done = [(row.action, row.caller) for row in alerts.actions(real_store, "run-1")]
    assert done == [("assign", "ada"), ("snooze", "bob"), ("acknowledge", "bob")]


@pytest.mark.parametrize(("assigned", "after"), [(True, "assigned"), (False, "open")])
def test_a_snooze_ends_on_its_day(real_store: Store, assigned: bool, after: str) -> None:
    alerts.raise_alerts(real_store, [content(1)])
    if assigned:
        act(real_store, "run-1", Action("assign", "ada", "bob"))
    act(real_store, "run-1", Action("snooze", "ada", "2999-01-01"))
    states = [alerts.find(real_store, "run-1", day).state for day in ("2998-12-31", "2999-01-01")]
    assert states == ["snoozed", after]


def test_only_a_proposed_raise_is_confirmed(real_store: Store) -> None:
    both = ["limit_use", "limit_raise"]
    alerts.raise_alerts(real_store, [content(1), content(2, rules=both)])
    with pytest.raises(ValueError, match="no raise"):
        act(real_store, "run-1", Action("confirm", "ada"))
    act(real_store, "run-2", Action("confirm", "ada"))
    assert alerts.confirmed(real_store, "2000-01-01") == {"B2"}
    assert alerts.confirmed(real_store, "2999-01-01") == set()
    assert alerts.confirmed(real_store, None) == set()


def test_an_unknown_alert_is_none(real_store: Store) -> None:
    assert alerts.find(real_store, "none") is None
    assert act(real_store, "none", Action("acknowledge", "ada")) is None
