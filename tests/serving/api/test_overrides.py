"""Overrides over HTTP: in force in later answers until they end, and always visible."""

from typing import Any

import pytest

from serving.api.examples import BY_ID, GRADE_OVERRIDE, OVERRIDE
from serving.cursor import Page
from serving.decide import Desk
from serving.declarations.overrides import KeptOverride


def score(client: Any, **changed: Any) -> dict[str, Any]:
    return dict(client.post("/v1/score", json={**BY_ID, **changed}).json())


def test_a_limit_is_in_force_until_it_expires(client: Any) -> None:
    before = score(client)
    answer = client.post("/v1/overrides", json=OVERRIDE)
    kept = client.fits(answer, KeptOverride)
    assert answer.status_code == 201
    assert (kept["set_by"], kept["role"]) == (client.name, "risk-admin")
    assert kept["model_default_probability"] == before["default_probability"]
    after = score(client)
    assert (after["limit"], after["overrides"][0]["reason"]) == (40_000, OVERRIDE["reason"])
    assert after["overrides"][0]["model_limit"] == before["limit"]
    assert score(client, as_of_date="2025-06-29")["overrides"] == []
    assert score(client, as_of_date="2026-01-01")["overrides"] == []


def test_an_override_ends_when_it_is_withdrawn(client: Any) -> None:
    before = score(client)
    kept = client.post("/v1/overrides", json=GRADE_OVERRIDE).json()
    assert score(client)["grade"] == "7"
    done = client.post(f"/v1/overrides/{kept['override_id']}/withdraw")
    assert client.fits(done, KeptOverride)["withdrawn_by"] == client.name
    assert score(client)["grade"] == before["grade"]
    again = client.post(f"/v1/overrides/{kept['override_id']}/withdraw")
    client.refused(again, "already-decided")
    client.refused(client.post("/v1/overrides/none/withdraw"), "unknown-override")


def test_overrides_are_listed(client: Any) -> None:
    first = client.post("/v1/overrides", json=OVERRIDE).json()
    second = client.post("/v1/overrides", json=GRADE_OVERRIDE).json()
    listed = client.fits(client.get("/v1/overrides"), Page[KeptOverride])
    assert listed["items"] == [second, first]
    late = client.get("/v1/overrides", params={"in_force_on": "2025-12-01"}).json()
    assert late["items"] == [first]
    page = client.get("/v1/overrides", params={"page_size": 1}).json()
    rest = client.get("/v1/overrides", params={"page_size": 1, "cursor": page["next_cursor"]})
    assert rest.json() == {"items": [first], "next_cursor": None}
    assert client.get("/v1/overrides", params={"buyer_id": "ODD-EMPTY"}).json()["items"] == []


def test_an_overridden_answer_is_replayed(client: Any, desk: Desk) -> None:
    client.post("/v1/overrides", json=OVERRIDE)
    kept = client.post("/v1/overrides", json=GRADE_OVERRIDE).json()
    decision_id = score(client)["decision_id"]
    client.post(f"/v1/overrides/{kept['override_id']}/withdraw")
    replayed = client.get(f"/v1/decisions/{decision_id}/replay").json()
    assert replayed["identical"], replayed["explanation"]
    assert [one["grade"] for one in replayed["answer"]["overrides"]] == [None, "7"]


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"grade": "7"}, "invalid-request", "request"),
        ({"limit": None}, "invalid-request", "request"),
        ({"limit": None, "grade": "E"}, "invalid-request", "grade"),
        ({"limit": -1}, "invalid-request", "limit"),
        ({"reason": ""}, "invalid-request", "reason"),
        ({"expires_on": "2025-06-29"}, "invalid-request", "request"),
        ({"expires_on": None}, "invalid-request", "expires_on"),
        ({"buyer_id": "nobody"}, "unknown-buyer", "buyer_id"),
        ({"buyer_id": "ODD-PERSON"}, "natural-person", "entity_type"),
    ],
)
def test_what_cannot_be_set(client: Any, change: dict[str, Any], kind: str, field: str) -> None:
    problem = client.refused(client.post("/v1/overrides", json={**OVERRIDE, **change}), kind)
    assert problem.errors[0].field == field
    assert client.get("/v1/overrides").json()["items"] == []
