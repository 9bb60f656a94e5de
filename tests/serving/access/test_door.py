"""Who gets in: every route and every role, and what the door says to those it refuses."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError

from serving.access import door
from serving.access.caller import ROLES
from serving.access.door import PUBLIC, needed, needs, undeclared
from serving.access.keys import create_key, revoke_key, rotate_key
from serving.api.app import create_app
from serving.api.examples import BY_ID
from serving.decide import Desk


def guarded(app: FastAPI) -> list[tuple[str, str, str]]:
    """Method, address and needed permission of every route that needs one."""
    return [
        (method, str(route.path), permission)
        for route, permission in needed(app.routes)
        if permission
        for method in sorted(route.methods or ())
    ]


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def test_every_route_is_guarded_or_listed_as_public(desk: Desk) -> None:
    app = create_app(desk)
    assert undeclared(app.routes) == []
    assert len(guarded(app)) > 5

    @app.get("/v1/forgotten")
    def forgotten() -> None: ...

    assert undeclared(app.routes) == ["/v1/forgotten"]


def test_the_matrix_of_routes_and_roles(client: Any, desk: Desk) -> None:
    """Without a key 401; with a role that lacks the permission 403, naming it; else let in."""
    anonymous = type(client)(desk, role=None)
    clients = {role: type(client)(desk, role) for role in ROLES}
    for method, path, permission in guarded(create_app(desk)):
        assert anonymous.refused(anonymous.request(method, path), "unauthenticated").detail
        for role, held in ROLES.items():
            answer = clients[role].request(method, path)
            assert answer.status_code != 401, (role, method, path)
            if permission in held:
                assert answer.status_code != 403, (role, method, path)
            else:
                said = clients[role].refused(answer, "forbidden").detail
                assert f"'{permission}'" in said


def test_public_addresses_answer_without_a_key(client: Any, desk: Desk) -> None:
    anonymous = type(client)(desk, role=None)
    elsewhere = {"/livez", "/readyz"}  # BentoML answers these
    with_a_provider = {"/sign-in/openid", "/sign-in/openid/back"}
    for path in PUBLIC - elsewhere - with_a_provider - {"/static"}:
        assert anonymous.get(path).status_code < 400, path


def test_both_headers_open_the_door_and_the_decision_names_the_key(client: Any, desk: Desk) -> None:
    key = create_key(desk.store, "erp", "engine")
    anonymous = type(client)(desk, role=None)
    for headers in (bearer(key), {"authorization": f"bearer {key}"}, {"X-API-Key": key}):
        answer = anonymous.post("/v1/score", json=BY_ID, headers=headers)
        assert answer.status_code == 200
    assert desk.store.find(answer.json()["decision_id"]).caller == "erp"


@pytest.mark.parametrize(
    "sent",
    ["Bearer", "Bearer ", "Bearer x", "Bearer encours_00_00", "Basic eDp5", "Bearer encours_é_1"],
)
def test_what_is_no_key_is_refused_alike(client: Any, desk: Desk, sent: str) -> None:
    anonymous = type(client)(desk, role=None)
    headers = {"Authorization": sent.encode("latin-1")}
    answer = anonymous.get("/v1/models", headers=headers)
    assert anonymous.refused(answer, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_revoked_or_expired_key_is_refused_within_seconds(
    client: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = type(client)(desk, role=None)
    key = create_key(desk.store, "erp", "engine")
    assert answers.get("/v1/models", headers=bearer(key)).status_code == 200
    revoke_key(desk.store, "erp")
    monkeypatch.setattr("serving.access.recent.monotonic", lambda: 1e12)  # five seconds later
    said = answers.refused(answers.get("/v1/models", headers=bearer(key)), "unauthenticated")
    assert "revoked" in said.detail
    old = create_key(desk.store, "other", "engine", expires_in=timedelta(hours=1))
    new = rotate_key(desk.store, "other", timedelta(hours=1))
    for key in (old, new):
        assert answers.get("/v1/models", headers=bearer(key)).status_code == 200
    monkeypatch.setattr(door, "time", lambda: 1e12)
    assert answers.get("/v1/models", headers=bearer(old)).status_code == 401
    assert answers.get("/v1/models", headers=bearer(new)).status_code == 200


def test_a_narrowed_key_may_only_what_it_says(client: Any, desk: Desk) -> None:
    key = create_key(desk.store, "erp", "engine", permissions=("decide",))
    anonymous = type(client)(desk, role=None)
    assert anonymous.post("/v1/score", json=BY_ID, headers=bearer(key)).status_code == 200
    said = anonymous.refused(anonymous.get("/v1/models", headers=bearer(key)), "forbidden").detail
    assert "'read'" in said
    assert said.endswith("has decide")


def test_a_caller_that_asks_too_often_is_told_when_to_come_back(client: Any, desk: Desk) -> None:
    key = create_key(desk.store, "erp", "engine", rate="2/minute")
    anonymous = type(client)(desk, role=None)
    answers = [anonymous.get("/v1/models", headers=bearer(key)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert anonymous.refused(answers[2], "rate-limited")
    assert 1 <= int(answers[2].headers["retry-after"]) <= 60
    assert client.get("/v1/models").status_code == 200


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("127.8.9.1", {}, 200),
        ("::1", {}, 200),
        ("::ffff:127.0.0.1", {}, 200),
        ("192.168.1.7", {}, 401),
        ("2001:db8::1", {}, 401),
        ("testclient", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 401),  # a proxy speaks for someone else
        ("127.0.0.1", {"Forwarded": "for=10.0.0.1"}, 401),
    ],
)
def test_a_key_of_the_demo_works_only_on_this_machine(
    client: Any, desk: Desk, peer: str, headers: dict[str, str], status: int
) -> None:
    key = create_key(desk.store, "demo", "engine", loopback_only=True)
    anonymous = type(client)(desk, role=None)
    anonymous.transport.client = (peer, 4711)
    answer = anonymous.get("/v1/models", headers={**bearer(key), **headers})
    assert answer.status_code == status
    assert client.get("/v1/models", headers=headers).status_code == 200


def test_a_store_that_is_down_is_said_to_be(
    client: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> None:
        raise OperationalError("SELECT", {}, OSError("connection refused"))

    monkeypatch.setattr(door, "find_key", down)
    answer = client.get("/v1/models")
    assert client.refused(answer, "store-unavailable")
    assert answer.headers["retry-after"] == "5"


def test_a_permission_that_is_none_is_no_need() -> None:
    with pytest.raises(ValueError, match="permission 'reed' is none of"):
        needs("reed")
