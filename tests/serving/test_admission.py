"""Overload is refused at once, slow bodies are cut off, and health is always told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from serving import admission
from serving.admission import Admission
from serving.problems import Problem

Messages = list[dict[str, Any]]
WHOLE = {"type": "http.request", "body": b"{}", "more_body": False}


def scope(method: str = "POST", path: str = "/v1/score") -> dict[str, Any]:
    return {"type": "http", "method": method, "path": path, "headers": []}


async def receive() -> dict[str, Any]:
    return WHOLE


async def held(gate: Admission, asked: dict[str, Any], sent: Messages) -> None:
    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await gate(asked, receive, send)


def waiting(release: asyncio.Event) -> Callable[..., Awaitable[None]]:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["method"] == "POST":
            await receive()
        await release.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    return app


def test_what_is_beyond_the_bound_is_refused_and_the_rest_is_answered(monkeypatch) -> None:
    monkeypatch.setattr(admission, "MOST_AT_ONCE", 2)

    async def run() -> None:
        release, sent = asyncio.Event(), []
        gate = Admission(waiting(release))
        first = [asyncio.create_task(held(gate, scope(), sent)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refused:
            await held(gate, scope(), sent)
        assert refused.value.kind == "overloaded"
        await held(gate, scope("GET"), sent)
        assert (sent[0]["status"], dict(sent[0]["headers"])[b"retry-after"]) == (503, b"1")
        release.set()
        await held(gate, scope("GET", "/readyz"), sent)  # health is told whatever waits
        await asyncio.gather(*first)
        assert gate.at_once == 0
        await held(gate, scope(), sent)  # and then there is room again

    asyncio.run(run())


def test_a_slow_body_is_cut_off_and_holds_no_place(monkeypatch) -> None:
    monkeypatch.setattr(admission, "BODY_SECONDS", 0.05)

    async def run() -> None:
        async def drip() -> dict[str, Any]:
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b"x", "more_body": True}

        async def app(_: dict[str, Any], receive: Any, send: Any) -> None:
            while True:
                await receive()

        gate = Admission(app)
        with pytest.raises(Problem) as refused:
            await gate(scope(), drip, None)
        assert (refused.value.kind, refused.value.status) == ("too-slow", 408)
        assert gate.at_once == 0

    asyncio.run(run())


def test_now_and_then_a_connection_is_let_go() -> None:
    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def run() -> Messages:
        gate, sent = Admission(app), []
        for _ in range(2 * admission.NOW_AND_THEN):
            await held(gate, scope(), sent)
        return sent

    closes = [(b"connection", b"close") in message["headers"] for message in asyncio.run(run())]
    assert closes.count(True) == 2
    assert closes[-1]
