"""The application as a whole."""

from typing import Any


def test_metrics_count_by_route(client: Any) -> None:
    assert "encours_requests_total" in client.get("/metrics").text
