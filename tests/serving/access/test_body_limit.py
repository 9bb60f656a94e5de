"""Too large a body is a problem, however it is sent, and is read no further."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from serving.access import body_limit
from serving.access.body_limit import LARGEST, LARGEST_FORM, most_of


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_has_a_largest_size(
    client: Any, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setattr(body_limit, "LARGEST", 1000)
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 100
            yield b" " * 100

    content = pieces() if chunked else b" " * 2000
    said = client.refused(client.post("/v1/score", content=content), "too-large")
    assert said.detail == "send at most 0 KiB in one request"
    assert read <= 1200


@pytest.mark.parametrize("form", ["data", "files"])
def test_what_a_person_types_is_short(visitor: Any, form: str) -> None:
    sent: dict[str, Any] = {"name": "x" * LARGEST_FORM, "password": "y"}
    if form == "files":
        sent = {"name": ("x", b"x" * LARGEST_FORM)}
    answer = visitor.post("/sign-in", **{form: sent})
    assert answer.status_code == 413
    assert "send at most 64 KiB" in answer.text


def test_files_may_be_larger_than_forms() -> None:
    def most(path: str, kind: bytes) -> int:
        return most_of({"type": "http", "path": path, "headers": [(b"content-type", kind)]})

    assert most("/v1/score", b"application/json") == LARGEST
    assert most("/imports", b"multipart/form-data; boundary=x") == LARGEST
    assert most("/imports", b"application/x-www-form-urlencoded") == LARGEST_FORM
    assert most("/sign-in", b"multipart/form-data; boundary=x") == LARGEST_FORM
