"""A person's word moves what follows from it, leaves what the model said, and adds up."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from serving.answers import Decision
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.declarations.apply import Override, apply

DAY = "2025-06-30"
LIMIT = Override("o1", 40_000.0, None, "known for years", "ana", "underwriter", DAY, "2025-09-30")
GRADE = replace(LIMIT, override_id="o2", limit=None, grade="9")
ASKED: dict[str, Any] = {"as_of_date": DAY, "requested_amount": 80_000}


def both(desk: Desk, *overrides: Override, buyer_id: str = "B0000017", language: str = "en") -> Any:
    """The model's answer, and the one with what people said."""
    request = ScoreRequest(buyer_id=buyer_id, language=language, **ASKED)
    said = desk.conclude(request)
    policy = desk.champion.now.model.policy
    return said.answer, apply(policy, said.assessment, said.answer, overrides, request.language)


def test_without_an_override_nothing_moves(desk: Desk) -> None:
    model, person = both(desk)
    assert person == model
    assert (person["overrides"], person["override_effect"]) == ([], 0.0)


def test_a_limit_stands_for_itself_and_the_models_stays_beside_it(desk: Desk) -> None:
    model, person = both(desk, LIMIT)
    assert person["limit"] == 40_000
    assert person["decision"] == "partial"
    assert person["binding_constraint"] == "override"
    assert person["overrides"][0]["model_limit"] == model["limit"]
    assert person["valid_until"] == "2025-09-30"
    assert person["reasons"][0] == {
        "code": "override_limit",
        "text": "ana set the limit until 2025-09-30: known for years",
    }
    for name in ("default_probability", "grade", "drivers", "topics", "base_limit"):
        assert person[name] == model[name]
    Decision.model_validate({"decision_id": "d", **person})


@pytest.mark.parametrize("overrides", [(LIMIT,), (GRADE,), (GRADE, LIMIT)])
def test_the_column_of_limits_adds_up(desk: Desk, overrides: tuple[Override, ...]) -> None:
    _, person = both(desk, *overrides)
    effects = sum(topic["limit_effect"] for topic in person["topics"])
    added = person["base_limit"] + effects + person["limit_rounding"] + person["override_effect"]
    assert added == pytest.approx(person["limit"], abs=1e-6)


@pytest.mark.parametrize(
    ("limit", "decision"), [(0.0, "refused"), (79_999.0, "partial"), (80_000.0, "full")]
)
def test_a_limit_decides(desk: Desk, limit: float, decision: str) -> None:
    _, person = both(desk, replace(LIMIT, limit=limit))
    assert person["decision"] == decision
    assert person["expected_loss"] == pytest.approx(person["money"]["expected_loss"], abs=0.01)
    assert bool(person["expected_loss"]) == bool(limit)
    assert person["in_force"]["available"] <= limit
    assert bool(person["conditions"]) == (decision != "full")


def test_a_worse_grade_never_raises_the_limit(desk: Desk) -> None:
    names = desk.champion.now.model.policy.master_scale.names
    limits = [both(desk, replace(GRADE, grade=name))[1]["limit"] for name in names]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] > limits[-1] == 0


def test_a_grade_is_said_and_the_models_probability_stays(desk: Desk) -> None:
    model, person = both(desk, GRADE, language="fr")
    assert person["grade"] == "9"
    assert person["overrides"][0]["model_grade"] == model["grade"] != "9"
    assert person["default_probability"] == model["default_probability"]
    assert person["reasons"][0]["text"].startswith("ana a fixé la note jusqu'au")


def test_a_limit_has_the_last_word_over_a_grade(desk: Desk) -> None:
    for order in ((GRADE, LIMIT), (LIMIT, GRADE)):
        person = both(desk, *order)[1]
        assert (person["grade"], person["limit"]) == ("9", 40_000)


def test_a_hard_stop_outlives_an_override(desk: Desk) -> None:
    _, person = both(desk, replace(GRADE, grade="D"), LIMIT)
    assert (person["limit"], person["decision"]) == (0.0, "refused")
    assert person["binding_constraint"] == "hard_stop"


def test_both_days_of_an_override_count() -> None:
    days = ("2025-06-29", "2025-06-30", "2025-09-30", "2025-10-01")
    assert [LIMIT.in_force(day) for day in days] == [False, True, True, False]
    assert date.fromisoformat(LIMIT.expires_on)
