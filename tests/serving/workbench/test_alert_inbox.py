"""The inbox shows what fired, gravest first, in its reader's language, and to whom it is given."""

import re
from collections.abc import Callable
from typing import Any

from serving.access.people import add_person
from serving.decide import Desk
from serving.surveillance import alerts
from serving.surveillance.alerts import Action
from serving.workbench import words

Reader = Callable[..., Any]


def ids(text: str) -> list[str]:
    return re.findall(r'<article class="alert" id="alert-([\w-]+)"', text)


def test_the_gravest_stand_first(reader: Reader, surveyed: Desk) -> None:
    with surveyed.store.reading() as connection:
        kinds = {row.alert_id: row.kind for row in connection.execute(alerts.query())}
    shown = [kinds[one] for one in ids(reader("viewer").get("/alerts").text)]
    order = list(words.RULES)
    assert shown
    assert shown == sorted(shown, key=order.index)


def test_an_alert_moves_from_box_to_box(reader: Reader, surveyed: Desk) -> None:
    client = reader("underwriter")
    first, second, third = ids(client.get("/alerts").text)[:3]
    with surveyed.store.writing() as connection:
        alerts.act(connection, first, Action("acknowledge", client.name))
        alerts.act(connection, second, Action("snooze", client.name, "2099-01-01"))
        alerts.act(connection, third, Action("assign", client.name, client.name))
    todo = ids(client.get("/alerts").text)
    assert first not in todo
    assert second not in todo
    assert third in todo
    for box, alert in (("done", first), ("snoozed", second), ("mine", third)):
        assert ids(client.get(f"/alerts?box={box}").text) == [alert]
    assert ids(reader("underwriter").get("/alerts?box=mine").text) == []


def test_one_kind_alone(reader: Reader, surveyed: Desk) -> None:
    client = reader("viewer")
    counts = {kind: n for (kind, _), n in alerts.counts(surveyed.store).items()}
    kind = max(counts, key=lambda name: counts[name])
    text = client.get(f"/alerts?kind={kind}").text
    assert f"{counts[kind]} alerts" in text
    assert client.get("/alerts?kind=nonsense&box=nowhere&page=x").status_code == 200


def test_only_who_may_triage_sees_buttons_and_whom_to_give_it_to(
    reader: Reader, surveyed: Desk
) -> None:
    add_person(surveyed.store, "camille", "underwriter", password="correct horse battery")
    add_person(surveyed.store, "victor", "viewer", password="correct horse battery")
    text = reader("underwriter").get("/alerts").text
    assert "/acknowledge" in text
    assert '<option value="camille">' in text
    assert '<option value="victor">' not in text
    assert "/acknowledge" not in reader("viewer").get("/alerts").text


def test_the_text_is_in_the_readers_language(reader: Reader) -> None:
    text = reader("viewer").get("/alerts", headers={"accept-language": "fr"}).text
    assert "Que faire" in text
    assert "Probabilité de défaut" in text
