"""What serves."""

from typing import Any

from serving.decide import Desk
from serving.kept_answers import ServedModel


def test_what_serves(client: Any, desk: Desk) -> None:
    content = client.fits(client.get("/v1/models"), ServedModel)
    assert content["model_version"] == desk.champion.now.model.version
    assert content["last_known_day"] == "2025-12-31"
    assert content["metadata"]["trained_on"] == "invented"
