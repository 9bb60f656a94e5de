"""Whether people beat the model is told from what happened, and only where enough did."""

from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest

from models.label import label
from serving.access.caller import Caller
from serving.decide import Desk
from serving.declarations.overrides import (
    KeptOverride,
    ModelValues,
    OverrideRequest,
    set_override,
)
from serving.portfolio import legal_entities
from serving.surveillance.realised import label_rule
from serving.workbench.override_record import Outcomes, direction_of, record

DAY = date(2024, 6, 30)
ANA = Caller("ana", "underwriter", "person")
GRADES = ("1", "2", "3")


def override(**values: Any) -> KeptOverride:
    told = {
        **{"override_id": "o", "buyer_id": "B", "limit": None, "grade": None, "reason": "r"},
        **{"valid_from": DAY, "expires_on": DAY, "model_limit": 100.0, "model_grade": "2"},
        **{"model_default_probability": 0.1, "model_version": "m", "referral_id": None},
        **{"set_at": datetime.now(UTC), "set_by": "ana", "role": "underwriter"},
        **{"withdrawn_at": None, "withdrawn_by": None},
    }
    return KeptOverride.model_validate(told | values)


@pytest.mark.parametrize(
    ("values", "direction"),
    [
        ({"limit": 150.0}, "up"),
        ({"limit": 50.0}, "down"),
        ({"limit": 100.0}, None),
        ({"grade": "1"}, "up"),
        ({"grade": "3"}, "down"),
        ({"grade": "of an older scale"}, None),
    ],
)
def test_the_direction_is_that_of_the_risk_a_person_saw(
    values: dict[str, Any], direction: str | None
) -> None:
    assert direction_of(override(**values), GRADES) == direction


@pytest.mark.parametrize(
    ("direction", "low", "high", "verdict"),
    [
        ("up", 0.01, 0.05, "people"),
        ("up", 0.2, 0.5, "model"),
        ("down", 0.2, 0.5, "people"),
        ("down", 0.01, 0.05, "model"),
        ("up", 0.05, 0.2, "open"),
    ],
)
def test_the_interval_must_leave_the_prediction_out(
    direction: Any, low: float, high: float, verdict: str
) -> None:
    assert Outcomes(direction, 9, 9, 1, 0.1, 0.1, low, high, 0.0).verdict == verdict
    assert Outcomes(direction, 9, 0, 0, None, None, None, None, 0.0).verdict == "open"


def test_outcomes_are_the_labels_of_training(client: Any, desk: Desk) -> None:
    model, facts = desk.champion.now.model, desk.portfolio.facts
    labelled = label(facts, legal_entities(model.policy, facts, DAY), label_rule(model))
    ids = facts.buyer_ids[labelled.keys.buyer]
    bad, good = ids[labelled.default], ids[~labelled.default]
    assert len(bad)
    cut = [str(bad[0]), str(good[0])]
    late = (str(good[1]), date(2025, 12, 1))  # its year is not over
    model_values = ModelValues(100_000.0, "5", 0.02, "m")
    with desk.store.writing() as connection:
        for buyer, day in [*((buyer, DAY) for buyer in cut), late, ("nobody", DAY)]:
            request = OverrideRequest(
                buyer_id=buyer,
                limit=40_000,
                reason="r",
                valid_from=day,
                expires_on=date(2026, 1, 1),
            )
            set_override(request, model_values, ANA, connection)
    up, down = record(desk)
    assert (up.count, down.count, down.judged, down.defaults) == (0, 4, 2, 1)
    assert (down.predicted, down.observed) == (0.02, 0.5)
    lgd = model.policy.loss_given_default.default
    assert down.gained == pytest.approx(lgd * 60_000)
    text = client.get("/overrides").text
    assert "too few to tell" in text
    assert np.isfinite(down.gained)
