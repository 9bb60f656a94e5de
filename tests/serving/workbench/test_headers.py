import asyncio
from typing import Any

from serving.workbench.headers import HEADERS, SecurityHeaders


def sent_by(
    kind: str, headers: list[tuple[bytes, bytes]], scheme: str = "http"
) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": kind, "headers": headers})

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(SecurityHeaders(app)({"type": "http", "scheme": scheme}, None, send))
    return sent


def test_headers_are_added_and_answers_are_not_cached() -> None:
    (start,) = sent_by("http.response.start", [])
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    assert headers == {
        **{name.lower(): value for name, value in HEADERS.items()},
        "cache-control": "no-store",
    }


def test_an_answer_may_say_how_long_it_lasts() -> None:
    (start,) = sent_by("http.response.start", [(b"cache-control", b"max-age=5")])
    assert (b"cache-control", b"max-age=5") in start["headers"]
    assert (b"cache-control", b"no-store") not in start["headers"]


def test_other_messages_pass_unchanged() -> None:
    assert sent_by("http.response.body", []) == [{"type": "http.response.body", "headers": []}]


def test_who_came_by_https_is_told_to_stay_there() -> None:
    (start,) = sent_by("http.response.start", [], "https")
    assert (b"strict-transport-security", b"max-age=31536000") in start["headers"]
