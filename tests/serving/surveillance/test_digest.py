from typing import Any

import pytest

from serving.surveillance.digest import TOLD, gravity, messages


def alert(kind: str, loss: float | None, number: int = 0) -> dict[str, Any]:
    words = {"en": f"said {number}", "fr": ""}
    after = None if loss is None else {"expected_loss": loss}
    told = {"alert_id": str(number), "buyer_id": f"B{number}", "name": None, "kind": kind}
    return {**told, "after": after, "text": words, "action": {**words, "code": "review"}}


def test_the_gravest_come_first_then_the_largest_loss() -> None:
    some = [alert("limit_use", 9e9), alert("incident", 1.0), alert("incident", 2.0)]
    some.append(alert("stale_tables", None))
    ordered = [(a["kind"], a["after"]) for a in sorted(some, key=gravity)]
    assert [kind for kind, _ in ordered] == ["stale_tables", "incident", "incident", "limit_use"]
    assert ordered[1][1] == {"expected_loss": 2.0}


def test_one_message_an_address(watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_DIGEST_TO", "a@example.org, b@example.org,")
    some = [alert("incident", 1.0, n) for n in range(TOLD)]
    sent = messages(watched.second, some, 40)
    assert [m.target for m in sent] == ["a@example.org", "b@example.org"]
    assert len({m.message_id for m in sent}) == 2
    text = sent[0].content.decode()
    assert text.startswith("40 alerts on 2025-12-31")
    assert f"and {40 - TOLD} more" in text
    assert messages(watched.second, some, 40) == sent


def test_no_alerts_or_nobody_to_tell_no_digest(watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_DIGEST_TO", "a@example.org")
    assert messages(watched.second, [], 0) == []
    monkeypatch.setenv("ENCOURS_DIGEST_TO", "")
    assert messages(watched.second, [alert("incident", 1.0)], 1) == []
