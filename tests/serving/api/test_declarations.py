"""Overdues and claims over HTTP: declared once, counted from the day they were known."""

from typing import Any

import pytest

from serving.access.keys import create_key
from serving.api.examples import BY_ID, EVENT
from serving.cursor import Page
from serving.decide import Desk
from serving.declarations.events import Declaration


def score(client: Any, **changed: Any) -> dict[str, Any]:
    return dict(client.post("/v1/score", json={**BY_ID, **changed}).json())


@pytest.mark.parametrize(("path", "kind"), [("overdues", "overdue_declared"), ("claims", "claim")])
def test_what_is_declared_is_listed(client: Any, path: str, kind: str) -> None:
    answer = client.post(f"/v1/{path}", json=EVENT)
    kept = client.fits(answer, Declaration)
    assert answer.status_code == 201
    assert (kept["kind"], kept["validity"], kept["declared_by"]) == (kind, "pending", client.name)
    other = client.post(f"/v1/{path}", json={**EVENT, "buyer_id": "ODD-EMPTY"}).json()
    listed = client.fits(client.get(f"/v1/{path}"), Page[Declaration])
    assert listed["items"] == [other, kept]
    mine = client.get(f"/v1/{path}", params={"buyer_id": EVENT["buyer_id"]}).json()
    assert mine == {"items": [kept], "next_cursor": None}


def test_a_claim_counts_from_the_day_it_was_known(client: Any) -> None:
    before = score(client)
    assert before["limit"] > 0
    claim = client.post("/v1/claims", json=EVENT).json()
    after = score(client)
    assert (after["limit"], after["decision"]) == (0, "refused")
    assert "in_default" in {reason["code"] for reason in after["reasons"]}
    earlier = score(client, as_of_date="2025-06-11")  # known on the 12th
    assert earlier["limit"] > 0
    reviewed = client.post(
        f"/v1/declarations/{claim['declaration_id']}/review", json={"validity": "invalid"}
    )
    assert client.fits(reviewed, Declaration)["reviewed_by"] == client.name
    assert score(client)["limit"] == before["limit"]


def test_a_declared_event_is_a_feature_like_any_other(client: Any, desk: Desk) -> None:
    client.post("/v1/overdues", json=EVENT)
    score(client)
    (record,) = desk.store.of_buyer(BY_ID["buyer_id"])
    replayed = client.get(f"/v1/decisions/{record.decision_id}/replay").json()
    assert replayed["identical"], replayed["explanation"]


def test_the_amount_without_a_currency_is_in_the_policys(client: Any) -> None:
    event = {name: value for name, value in EVENT.items() if name != "currency"}
    assert client.post("/v1/claims", json=event).json()["currency"] == "EUR"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"event_date": "2100-01-01", "known_on": None}, "event_date"),
        ({"known_on": "2025-05-01"}, "request"),
        ({"buyer_id": "a\0b"}, "buyer_id"),
        ({"currency": "euro"}, "currency"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_declared(client: Any, change: dict[str, Any], field: str) -> None:
    problem = client.refused(client.post("/v1/claims", json={**EVENT, **change}), "invalid-request")
    assert problem.errors[0].field == field
    assert client.get("/v1/claims").json()["items"] == []


def test_there_is_nothing_to_review(client: Any) -> None:
    answer = client.post("/v1/declarations/none/review", json={"validity": "valid"})
    client.refused(answer, "unknown-declaration")


def test_an_engine_declares_and_reviews_nothing(client: Any, desk: Desk) -> None:
    claim = client.post("/v1/claims", json=EVENT).json()
    headers = {"Authorization": f"Bearer {create_key(desk.store, 'engine-key', 'engine')}"}
    assert client.post("/v1/claims", json=EVENT, headers=headers).status_code == 201
    review = f"/v1/declarations/{claim['declaration_id']}/review"
    answer = client.post(review, json={"validity": "valid"}, headers=headers)
    client.refused(answer, "forbidden")
