"""Bodies: how deep."""

from typing import Any


def test_deep_nesting_is_refused(client: Any) -> None:
    client.refused(client.post("/score", content=b"[" * 100_000), "malformed-json")
