"""A decision: the same served as in a batch, by id as by facts, kept before it is said."""

import asyncio
from datetime import date, timedelta
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from features.build import build_features, feature_matrix
from features.catalog import NAMES
from features.tables import TABLES, read_tables
from models.assessment import assess
from models.decision import answer
from serving.answers import Decision
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.dossier import FURTHEST
from serving.problems import Problem
from serving.store.record import StoreUnavailable

DAY = date(2025, 6, 30)


def question(buyer_id: str = "B0000017", **asked: Any) -> ScoreRequest:
    return ScoreRequest(buyer_id=buyer_id, as_of_date=asked.pop("as_of_date", DAY), **asked)


def decided(desk: Desk, request: ScoreRequest) -> dict[str, Any]:
    return orjson.loads(asyncio.run(desk.decide(request, "test")))


def buyers(desk: Desk) -> list[str]:
    refused = {"ODD-PERSON"} | {
        str(buyer_id)
        for code, buyer_id in enumerate(desk.portfolio.facts.buyer_ids)
        if desk.portfolio.text("entity_type", code) == "sole_trader"
    }
    return [b for b in desk.portfolio.facts.buyer_ids.tolist() if b not in refused]


def raw_facts(desk: Desk, tables: Any, buyer_id: str) -> dict[str, Any]:
    """What the loaded tables hold of a buyer, as a request would send it."""
    facts: dict[str, Any] = {}
    for name, table in read_tables(tables).items():
        if TABLES[name].of_buyer:
            rows = [row for row in table.to_pylist() if row["buyer_id"] == buyer_id]
            for row in rows if name != "buyers" else []:
                del row["buyer_id"]
            facts["buyer" if name == "buyers" else name] = rows
    facts["buyer"] = facts["buyer"][0]
    return facts


def test_the_answer_fits_its_contract(desk: Desk) -> None:
    for buyer_id in ("B0000017", "ODD-EMPTY"):
        content = decided(desk, question(buyer_id, requested_amount=50_000))
        assert set(content) == set(Decision.model_fields)
        assert Decision.model_validate(content).buyer_id == buyer_id


def test_every_column_of_effects_adds_up(desk: Desk) -> None:
    content = decided(desk, question())
    topics = content["topics"]
    for total, base, effect, rest in (
        ("log_odds", "base_log_odds", "log_odds", 0.0),
        ("default_probability", "base_probability", "probability_effect", 0.0),
        ("limit", "base_limit", "limit_effect", content["limit_rounding"]),
    ):
        added = content[base] + sum(topic[effect] for topic in topics) + rest
        assert added == pytest.approx(content[total], abs=1e-9, rel=1e-9)
    drivers = sum(driver["contribution"] for driver in content["drivers"])
    assert content["base_log_odds"] + drivers == pytest.approx(content["log_odds"], abs=1e-9)


def test_served_equals_batch_bit_for_bit(desk: Desk, tables: Any) -> None:
    ids = buyers(desk)
    model, facts = desk.champion.now.model, desk.portfolio.facts
    keys = facts.keys(ids, np.full(len(ids), DAY))
    batch = assess(model, facts, keys)
    frame = build_features(read_tables(tables), pd.DataFrame({"buyer_id": ids, "as_of_date": DAY}))
    for row, buyer_id in enumerate(ids):
        served = desk.conclude(question(buyer_id))
        assert served.assessment.matrix[0].tobytes() == batch.matrix[row].tobytes()
        assert served.assessment.matrix[0].tobytes() == frame.iloc[row].to_numpy().tobytes()
        said = {**answer(model, facts, batch, row), "overrides": [], "override_effect": 0.0}
        assert served.answer == said


def test_facts_in_the_body_give_the_answer_of_the_same_facts_at_rest(
    desk: Desk, tables: Any
) -> None:
    for buyer_id in buyers(desk)[::25]:
        by_id = desk.conclude(question(buyer_id))
        by_facts = desk.conclude(
            ScoreRequest(as_of_date=DAY, facts=raw_facts(desk, tables, buyer_id))
        )
        assert by_facts.assessment.matrix.tobytes() == by_id.assessment.matrix.tobytes()
        assert by_facts.answer == by_id.answer


def test_the_order_of_facts_in_the_body_is_free(desk: Desk, tables: Any) -> None:
    facts = raw_facts(desk, tables, "B0000017")
    turned = {name: rows[::-1] if name != "buyer" else rows for name, rows in facts.items()}
    answers = [
        desk.conclude(ScoreRequest(as_of_date=DAY, facts=given)).answer for given in (facts, turned)
    ]
    assert answers[0] == answers[1]


def test_a_buyer_without_invoices_or_accounts_is_answered_and_flagged(desk: Desk) -> None:
    content = decided(desk, question("ODD-EMPTY"))
    assert {"thin_file", "no_accounts", "no_payment_history"} <= set(content["flags"])
    assert 0 < content["default_probability"] < 1


def test_a_decision_is_kept_with_all_it_was_made_of(desk: Desk) -> None:
    request = question(requested_amount=1000)
    content = asyncio.run(desk.decide(request, "erp"))
    kept = desk.store.find(orjson.loads(content)["decision_id"])
    assert kept is not None
    assert kept.answer == content
    assert kept.caller == "erp"
    assert kept.data_version == desk.portfolio.version
    assert ScoreRequest.model_validate_json(kept.request) == request
    features = np.frombuffer(kept.features)
    facts = desk.portfolio.facts
    keys = facts.keys(["B0000017"], np.array([DAY]))
    assert features.tobytes() == feature_matrix(facts, keys)[0].tobytes()
    assert len(features) == len(NAMES)
    assert desk.store.verify().sequence == 1


def test_nothing_is_said_that_could_not_be_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(desk.store, "keep", broken)
    with pytest.raises(Problem) as raised:
        decided(desk, question())
    assert raised.value.kind == "store-unavailable"
    assert raised.value.headers == {"Retry-After": "5"}


@pytest.mark.parametrize(
    ("request_", "kind", "field"),
    [
        (question("B00000171"), "unknown-buyer", "buyer_id"),
        (question("ODD-PERSON"), "natural-person", "entity_type"),
        (
            question(as_of_date=date(2025, 12, 31) + FURTHEST + timedelta(1)),
            "invalid-request",
            "as_of_date",
        ),
    ],
)
def test_what_cannot_be_answered(desk: Desk, request_: ScoreRequest, kind: str, field: str) -> None:
    with pytest.raises(Problem) as raised:
        desk.conclude(request_)
    assert raised.value.kind == kind
    assert [error.field for error in raised.value.errors] == [field]
    assert desk.store.verify().sequence == 0


@pytest.mark.parametrize("entity", ["natural_person", "sole_trader"])
def test_a_person_is_not_scored_from_facts_either(desk: Desk, entity: str) -> None:
    buyer = {"buyer_id": "P", "country": "FR", "entity_type": entity}
    with pytest.raises(Problem) as raised:
        desk.conclude(ScoreRequest(as_of_date=DAY, facts={"buyer": buyer}))
    assert raised.value.kind == "natural-person"


def test_an_unknown_buyer_is_told_the_near_ones(desk: Desk) -> None:
    with pytest.raises(Problem, match="B0000017 "):
        desk.conclude(question("B00000171"))


def test_what_is_asked_replaces_what_is_observed(desk: Desk) -> None:
    asked = desk.conclude(question(requested_amount=1_000_000)).answer
    assert asked["requested_amount"] == asked["candidates"]["need"] == 1_000_000
    guaranteed = desk.conclude(
        question(requested_amount=1_000_000, guarantee_amount=500_000)
    ).answer
    assert guaranteed["limit"] > asked["limit"]


def test_a_batch_answers_in_order_and_keeps_what_it_answers(desk: Desk) -> None:
    requests = [question("B0000001"), question("nobody"), question("B0000002")]
    answers = orjson.loads(asyncio.run(desk.decide_all(requests, "erp")))["answers"]
    assert [a.get("buyer_id") for a in answers] == ["B0000001", None, "B0000002"]
    assert answers[1]["status"] == 404
    assert desk.store.verify().sequence == 2
    alone = desk.conclude(requests[2]).answer
    assert {name: answers[2][name] for name in alone} == orjson.loads(orjson.dumps(alone))


def test_a_decision_in_french(desk: Desk) -> None:
    french = desk.conclude(question(language="fr")).answer
    english = desk.conclude(question()).answer
    assert french["limit"] == english["limit"]
    assert french["topics"][0]["label"] != english["topics"][0]["label"]
