"""Questions: what is answered, and what is refused and how."""

from typing import Any

import pytest

from serving.answers import BatchAnswer, Decision, LimitDecision
from serving.api.examples import BY_FACTS, BY_ID
from serving.decide import Desk


@pytest.mark.parametrize("path", ["/score", "/v1/score"])
@pytest.mark.parametrize("asked", [BY_ID, BY_FACTS], ids=["by_id", "by_facts"])
def test_the_documented_examples_are_answered(client: Any, path: str, asked: dict) -> None:
    answer = client.fits(client.post(path, json=asked), Decision)
    assert answer["as_of_date"] == asked["as_of_date"]


def test_a_batch(client: Any) -> None:
    asked = {"requests": [BY_ID, {**BY_ID, "buyer_id": "nobody"}, BY_FACTS]}
    answers = client.fits(client.post("/v1/score-batch", json=asked), BatchAnswer)["answers"]
    assert [a.get("status", 200) for a in answers] == [200, 404, 200]


@pytest.mark.parametrize(
    ("body", "kind", "field"),
    [
        (b"", "malformed-json", None),
        (b"{", "malformed-json", None),
        (b"\xff", "malformed-json", None),
        (b"[]", "invalid-request", "request"),
        (b"null", "invalid-request", "request"),
        (b"{}", "invalid-request", "as_of_date"),
        (b'{"as_of_date":"2025-06-30"}', "invalid-request", "request"),
        (
            b'{"as_of_date":"2025-06-30","buyer_id":"B0000017","requested_amount":NaN}',
            "invalid-request",
            "requested_amount",
        ),
        (
            b'{"as_of_date":"2025-06-30","buyer_id":"B0000017","requested_amount":1e999}',
            "invalid-request",
            "requested_amount",
        ),
        (b'{"as_of_date":"9999-12-31","buyer_id":"B0000017"}', "invalid-request", "as_of_date"),
        (b'{"as_of_date":"2030-01-01","buyer_id":"B0000017"}', "invalid-request", "as_of_date"),
        (b'{"as_of_date":"2025-06-30","buyer_id":"nobody"}', "unknown-buyer", "buyer_id"),
        (b'{"as_of_date":"2025-06-30","buyer_id":"ODD-PERSON"}', "natural-person", "entity_type"),
        (
            b'{"as_of_date":"2025-06-30","facts":{"buyer":{"buyer_id":"X","country":"FR"},"invoices":'
            b'[{"invoice_id":"1","issued_on":"2025-01-01","due_on":"2025-02-01","amount":"ten"}]}}',
            "invalid-request",
            "facts.invoices.0.amount",
        ),
    ],
)
def test_wrong_input_is_named(
    client: Any, desk: Desk, body: bytes, kind: str, field: str | None
) -> None:
    document = client.refused(client.post("/score", content=body), kind)
    assert document.detail
    if field:
        assert document.errors[0].field == field
        assert document.errors[0].remedy
    assert desk.store.verify().sequence == 0


def test_a_hundred_thousand_invoices_are_answered(client: Any) -> None:
    invoices = [
        {"invoice_id": str(i), "issued_on": "2025-01-01", "due_on": "2025-02-01", "amount": 10}
        for i in range(100_000)
    ]
    asked = {"as_of_date": "2025-06-30", "facts": {**BY_FACTS["facts"], "invoices": invoices}}
    client.fits(client.post("/score", json=asked), Decision)
    asked["facts"]["invoices"].append({**invoices[0], "invoice_id": "one more"})
    document = client.refused(client.post("/score", json=asked), "invalid-request")
    assert document.errors[0].field == "facts.invoices"


WHO = {name: value for name, value in BY_ID.items() if name != "buyer_id"}
SLASH = {"name": "SLASH & CO. Ltd", "country": "FR"}


@pytest.mark.parametrize("path", ["/v1/score", "/v1/limits"])
@pytest.mark.parametrize("lookup", [SLASH, {"identifier": "odd/id"}])
def test_one_who_is_meant_alone_is_answered_for(client: Any, path: str, lookup: Any) -> None:
    answer = client.post(path, json={**WHO, "lookup": lookup})
    assert answer.json()["buyer_id"] == "ODD/ID ?"


@pytest.mark.parametrize("path", ["/v1/score", "/v1/limits"])
def test_nobody_is_answered_for_who_may_not_be_meant(client: Any, desk: Desk, path: str) -> None:
    def ask(lookup: dict[str, str]) -> Any:
        return client.post(path, json={**WHO, "lookup": lookup})

    doubtful = client.refused(ask({**SLASH, "name": "Slash & Cie"}), "ambiguous-buyer")
    assert [one.buyer_id for one in doubtful.candidates] == ["ODD/ID ?"]
    assert doubtful.candidates[0].confidence < 1
    client.refused(ask({**SLASH, "country": "DE"}), "unknown-buyer")
    client.refused(ask({"name": "Slash & Co"}), "invalid-request")
    assert desk.store.verify().sequence == 0


def test_a_limit_is_asked_for(client: Any) -> None:
    content = client.fits(client.post("/v1/limits", json=BY_ID), LimitDecision)
    assert content["amount"] == content["limit"] <= BY_ID["requested_amount"]
    less = {name: value for name, value in BY_ID.items() if name != "requested_amount"}
    problem = client.refused(client.post("/v1/limits", json=less), "invalid-request")
    assert problem.errors[0].field == "requested_amount"
