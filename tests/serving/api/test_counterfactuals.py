"""What the buyer could change, over HTTP."""

from dataclasses import replace
from typing import Any

import pytest

from serving.api.counterfactuals import CounterfactualAnswer
from serving.api.examples import BY_FACTS, BY_ID
from serving.contracts import ScoreRequest
from serving.decide import Desk


@pytest.mark.parametrize("asked", [BY_ID, BY_FACTS], ids=["by_id", "by_facts"])
def test_what_would_help_or_why_nothing_does(client: Any, asked: dict) -> None:
    told = client.fits(client.post("/v1/counterfactuals", json=asked), CounterfactualAnswer)
    assert bool(told["counterfactuals"]) == (told["reason"] is None)
    assert told["as_of_date"] == asked["as_of_date"]


def test_a_change_promises_more_than_the_buyer_has(
    client: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = desk.champion.now
    anywhere = dict.fromkeys(served.model.feature_names, (-1e12, 0.0, 1e12))
    wide = replace(served, model=replace(served.model, ranges=anywhere))
    monkeypatch.setattr(desk.champion, "now", wide)
    helped = 0
    for buyer_id in desk.portfolio.facts.buyer_ids[:30].tolist():
        asked = {**BY_ID, "buyer_id": buyer_id}
        told = client.post("/v1/counterfactuals", json=asked).json()
        now = desk.conclude(ScoreRequest.model_validate(asked)).answer
        for found in told["counterfactuals"]:
            helped += 1
            better = found["default_probability"] < now["default_probability"]
            assert better or found["limit"] > now["limit"]
    assert helped


def test_nothing_is_kept(client: Any, desk: Desk) -> None:
    client.post("/v1/counterfactuals", json=BY_ID)
    assert desk.store.of_buyer(BY_ID["buyer_id"], 5) == []


def test_an_unknown_buyer_is_named(client: Any) -> None:
    client.refused(
        client.post("/v1/counterfactuals", json={**BY_ID, "buyer_id": "none"}), "unknown-buyer"
    )
