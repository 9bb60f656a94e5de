"""Whatever goes wrong is a problem document, or a page."""

from typing import Any

import pytest

from serving.api import score
from serving.api.examples import BY_ID


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v1/nothing", "not-found"),
        ("GET", "/score", "method-not-allowed"),
        ("GET", "/v1/decisions/none", "unknown-decision"),
    ],
)
def test_other_addresses(client: Any, method: str, path: str, kind: str) -> None:
    client.refused(client.request(method, path), kind)


def test_a_fault_of_ours_says_nothing_of_the_inside(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(score, "caller_of", lambda request: 1 / 0)
    document = client.refused(client.post("/score", json=BY_ID), "internal")
    assert "division" not in document.model_dump_json()


def test_browsers_are_told_in_html(client: Any) -> None:
    answer = client.get("/buyers/nobody", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Unknown buyer" in answer.text
