"""The store is away: whatever is asked is answered without it, or with 503 and a time to wait."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI

from serving.access.door import needed
from serving.api.app import create_app
from serving.decide import Desk

ELSEWHERE = {"/livez", "/readyz", "/static"}  # BentoML's, files


@pytest.fixture
def take_away(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def refuse(*_: object, **__: object) -> None:
        raise sa.exc.OperationalError("SELECT 1", {}, ConnectionError("the store is away"))

    return lambda: monkeypatch.setattr(desk.store._engine, "connect", refuse)


def routes(app: FastAPI) -> list[tuple[str, str, Any]]:
    """Method, address and a sound body of every route."""
    document = app.openapi()["paths"]
    found = []
    for route, _ in needed(app.routes):
        for method in sorted(getattr(route, "methods", None) or ()):
            path = str(route.path)
            operation = document.get(route.path_format, {}).get(method.lower(), {})
            media = operation.get("requestBody", {}).get("content", {})
            examples = media.get("application/json", {}).get("examples", {})
            body = next(iter(examples.values()))["value"] if examples else None
            if path not in ELSEWHERE:
                found.append((method, path.replace("{buyer_id:path}", "B0000017"), body))
    assert len(found) > 50
    return found


def check(answer: httpx.Response, asked: str) -> int:
    """Its status, once it is known to be an honest one."""
    assert answer.status_code == 503 or answer.status_code < 500, (asked, answer.text[:300])
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0, asked
    assert "Traceback" not in answer.text
    return answer.status_code


@pytest.mark.parametrize("seen", [True, False], ids=["whose_key_is_known", "who_comes_anew"])
def test_a_machine_is_told(client: Any, desk: Desk, take_away: Any, seen: bool) -> None:
    if seen:
        assert client.get("/v1/models").is_success
    everything, told = routes(create_app(desk)), Counter[int]()
    take_away()
    for method, path, body in everything:
        answer = client.request(method, path, json=body) if body else client.request(method, path)
        status = check(answer, f"{method} {path}")
        told[status] += 1
        if path.startswith("/v1") and not (seen and path in ("/v1/models", "/v1/buyers")):
            assert status in (503, 422), (path, status)
    assert told[503] > 20


def test_a_person_is_told(visitor: Any, desk: Desk, take_away: Any) -> None:
    visitor.sign_in("alice", "correct horse battery")
    form = {"csrf_token": visitor.token()}
    everything, told = routes(create_app(desk)), Counter[int]()
    take_away()
    for method, path, _ in everything:
        content = {"data": form} if method == "POST" else {}
        told[check(visitor.request(method, path, **content), f"{method} {path}")] += 1
    assert told[503] > 20


def test_who_signs_in_is_told(visitor: Any, take_away: Any) -> None:
    take_away()
    answer = visitor.sign_in("alice", "correct horse battery")
    assert check(answer, "sign-in") == 503
    assert visitor.get("/sign-in").is_success
