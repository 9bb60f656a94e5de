"""What a limit request is told of all that is known, and what entered beside the facts."""

from datetime import date
from typing import Any

import orjson
import pytest

from serving.answers import LimitDecision
from serving.conclude import answer_bytes, context_of
from serving.contracts import LimitRequest, ScoreRequest
from serving.decide import Desk

ASKED: dict[str, Any] = {
    "buyer_id": "B0000017",
    "as_of_date": date(2025, 6, 30),
    "requested_amount": 80_000.0,
}


def told(desk: Desk, request: ScoreRequest, **changed: Any) -> dict[str, Any]:
    said = {**desk.conclude(request).answer, **changed}
    return dict(orjson.loads(answer_bytes(request, "d1", said)))


def test_a_limit_request_is_told_amount_validity_and_conditions(desk: Desk) -> None:
    content = told(desk, LimitRequest(**ASKED))
    assert set(content) == set(LimitDecision.model_fields)
    decision = LimitDecision.model_validate(content)
    assert decision.amount == decision.limit <= decision.requested_amount == 80_000
    assert decision.valid_from < decision.valid_until


@pytest.mark.parametrize(("decision", "amount"), [("partial", 5.0), ("referred", 0.0)])
def test_nothing_is_granted_while_a_person_has_yet_to_decide(
    desk: Desk, decision: str, amount: float
) -> None:
    content = told(desk, LimitRequest(**ASKED), decision=decision, limit=5.0)
    assert (content["amount"], content["limit"]) == (amount, 5.0)


def test_a_score_is_told_everything(desk: Desk) -> None:
    request = ScoreRequest(**ASKED)
    assert told(desk, request) == {"decision_id": "d1", **desk.conclude(request).answer}


def test_the_context_comes_back(desk: Desk) -> None:
    facts = desk.portfolio.facts
    grouped = int((facts["buyers"]["group_id"] >= 0).argmax())
    request = ScoreRequest(**{**ASKED, "buyer_id": str(facts.buyers[grouped])})
    concluded = desk.conclude(request)
    overrides, group = context_of(concluded.context, concluded.facts)
    assert overrides == []
    assert group.others.tolist() == concluded.assessment.group.others.tolist()
    assert group.used.tolist() == concluded.assessment.group.used.tolist()
