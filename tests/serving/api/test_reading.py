"""Bodies: how deep and how large."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from serving.api import reading
from serving.decide import Desk


def test_deep_nesting_is_refused(client: Any) -> None:
    client.refused(client.post("/score", content=b"[" * 100_000), "malformed-json")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_has_a_largest_size(
    client: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setattr(reading, "LARGEST_BODY", 1000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    content = pieces() if chunked else b" " * 2000
    client.refused(type(client)(desk).post("/score", content=content), "too-large")
