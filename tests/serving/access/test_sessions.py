"""Sessions end when idle, when old, and when altered; the cookie is kept from scripts."""

from typing import Any

import itsdangerous.timed
import pytest
import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from serving.access import sessions as module
from serving.access.sessions import COOKIE, IDLE, LONGEST, RENEWED, Sessions, session_secret
from serving.store.access import SECRETS
from serving.store.store import Store

SECRET = b"s" * 32


def request(scheme: str = "http") -> Request:
    scope = {"type": "http", "scheme": scheme, "server": ("test", 80), "path": "/", "headers": []}
    return Request({**scope, "query_string": b"", "root_path": ""})


def cookie(sessions: Sessions, session: Any, scheme: str = "http") -> tuple[str, str]:
    response = Response()
    sessions.keep(response, request(scheme), session)
    header = response.headers["set-cookie"]
    return header.split("=", 1)[1].split(";")[0], header


def test_a_cookie_is_read_by_every_worker_with_the_secret() -> None:
    session = Sessions(SECRET).begin("alice", 3)
    content, _ = cookie(Sessions(SECRET), session)
    assert Sessions(SECRET).read(content) == session
    assert Sessions(b"o" * 32).read(content) is None


def test_scripts_and_other_sites_do_not_get_the_cookie() -> None:
    sessions = Sessions(SECRET)
    session = sessions.begin("alice", 0)
    _, plain = cookie(sessions, session)
    _, secure = cookie(sessions, session, "https")
    assert plain.startswith(f"{COOKIE}=")
    assert "HttpOnly" in plain and "SameSite=lax" in plain and "Path=/" in plain
    assert "Secure" not in plain
    assert "Secure" in secure


@pytest.mark.parametrize("spot", [0, 10, -1])
def test_an_altered_cookie_is_none(spot: int) -> None:
    sessions = Sessions(SECRET)
    content, _ = cookie(sessions, sessions.begin("alice", 0))
    altered = list(content)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # the highest bit: the lowest ones of a last letter may stand for nothing in base64
    altered[spot] = letters[letters.index(altered[spot]) ^ 32]
    assert sessions.read("".join(altered)) is None
    assert sessions.read("") is None
    assert sessions.read(sessions.sign_state({"then": "/"})) is None  # signed for something else


def test_idle_and_absolute_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000_000.0]
    monkeypatch.setattr(module, "_now", lambda: clock[0])
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: clock[0])
    sessions = Sessions(SECRET)
    content, _ = cookie(sessions, sessions.begin("alice", 0))
    clock[0] += RENEWED
    assert not sessions.read(content).stale
    clock[0] += 2
    assert sessions.read(content).stale
    clock[0] += IDLE - RENEWED - 2
    session = sessions.read(content)
    assert session is not None
    clock[0] += 1
    assert sessions.read(content) is None
    for _ in range(LONGEST // IDLE - 1):  # a page every hour keeps it, to the end of the day
        content, _ = cookie(sessions, session)
        clock[0] += IDLE - 1
        assert sessions.read(content) == module.Session("alice", 0, 1_000_000, session.token, True)
    content, _ = cookie(sessions, session)
    clock[0] += 60
    assert sessions.read(content) is None


def test_state_comes_back_in_time_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1_000_000.0]
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: clock[0])
    sessions = Sessions(SECRET)
    signed = sessions.sign_state({"then": "/buyers/B1"})
    assert sessions.read_state(signed, 600) == {"then": "/buyers/B1"}
    assert sessions.read_state("", 600) == {}
    clock[0] += 601
    assert sessions.read_state(signed, 600) == {}


def test_workers_share_one_secret_made_once(real_store: Store, monkeypatch) -> None:
    monkeypatch.delenv("ENCOURS_SECRET", raising=False)
    first = session_secret(real_store)
    assert len(first) == 32
    assert session_secret(real_store) == first
    with real_store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(SECRETS)).scalar() == 1


def test_the_deployment_may_give_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_SECRET", "x" * 32)
    assert session_secret(store) == b"x" * 32
    monkeypatch.setenv("ENCOURS_SECRET", "hunter2")
    with pytest.raises(ValueError, match="ENCOURS_SECRET is shorter than 32") as refused:
        session_secret(store)
    assert "hunter2" not in str(refused.value)
