"""Past decisions, as they were kept."""

from typing import Any

from serving.api.examples import BY_ID
from serving.contracts import KeptDecision
from serving.decide import Desk


def test_a_decision_can_be_read_again_byte_for_byte(client: Any, desk: Desk) -> None:
    answer = client.post("/score", json=BY_ID)
    decision_id = answer.json()["decision_id"]
    kept = client.get(f"/v1/decisions/{decision_id}")
    content = client.fits(kept, KeptDecision)
    assert answer.content in kept.content
    assert content["request"] == BY_ID
    assert content["data_version"] == desk.portfolio.version
