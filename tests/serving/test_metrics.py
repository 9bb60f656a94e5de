import asyncio
import os
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from serving import metrics
from serving.metrics import FOLDER, Measured, count_apart, exposition


async def endpoint(scope, receive, send):
    scope["endpoint"] = endpoint
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _call(scope: dict[str, object]) -> list[dict[str, object]]:
    sent: list[dict[str, object]] = []

    async def send(message):
        sent.append(message)

    measured = Measured()
    measured.app = endpoint
    asyncio.run(measured(scope, None, send))
    return sent


def _counted() -> float:
    labels = {"route": "endpoint", "status": "201"}
    return REGISTRY.get_sample_value("encours_requests_total", labels) or 0.0


def test_requests_are_counted_by_route_whatever_their_address() -> None:
    before = _counted()
    for path in ("/buyers/1", "/buyers/2"):
        assert [message["type"] for message in _call({"type": "http", "path": path})] == [
            "http.response.start",
            "http.response.body",
        ]
    assert _counted() == before + 2
    assert b'encours_request_seconds_count{route="endpoint"}' in exposition().body


def test_other_protocols_pass_uncounted() -> None:
    before = _counted()
    _call({"type": "lifespan"})
    assert _counted() == before


def test_workers_of_one_service_count_in_a_folder_of_theirs_that_ends_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ended = []
    monkeypatch.setattr(metrics, "gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr(metrics.atexit, "register", lambda *call, **_: ended.append(call))
    monkeypatch.setattr(os, "getppid", os.getpid)  # worker and supervisor in one
    monkeypatch.setenv(FOLDER, "the folder of all")
    count_apart()
    folder = Path(os.environ[FOLDER])
    assert folder.parent == tmp_path
    assert folder.stat().st_mode & 0o077 == 0
    (folder / "counter_1.db").touch()
    monkeypatch.delenv(FOLDER)
    count_apart()  # the next supervisor with its number
    assert not folder.exists()
    assert [call[1] for call in ended] == [folder]
