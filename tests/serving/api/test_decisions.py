"""Past decisions, as they were kept."""

from typing import Any

from serving.api.examples import BY_ID
from serving.decide import Desk
from serving.kept_answers import KeptDecision, ReplayAnswer


def test_a_decision_can_be_read_again_byte_for_byte(client: Any, desk: Desk) -> None:
    answer = client.post("/score", json=BY_ID)
    decision_id = answer.json()["decision_id"]
    kept = client.get(f"/v1/decisions/{decision_id}")
    content = client.fits(kept, KeptDecision)
    assert answer.content in kept.content
    assert content["request"] == BY_ID
    assert content["data_version"] == desk.portfolio.version


def test_a_decision_is_made_again(client: Any) -> None:
    for path in ("/v1/score", "/v1/limits"):
        answer = client.post(path, json=BY_ID)
        decision_id = answer.json()["decision_id"]
        again = client.get(f"/v1/decisions/{decision_id}/replay")
        content = client.fits(again, ReplayAnswer)
        assert (content["identical"], content["explanation"]) == (True, "the same bytes")
        assert content["code_version"] == content["code_version_now"]
        assert answer.content in again.content
    client.refused(client.get("/v1/decisions/none/replay"), "unknown-decision")
