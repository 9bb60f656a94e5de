"""The HTTP front: what answers, what is refused and how, and the document that says so."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from serving import api
from serving.api import BY_FACTS, BY_ID
from serving.contracts import BatchAnswer, Decision, KeptDecision, ProblemDocument, ServedModel
from serving.decide import Desk
from serving.problems import KINDS


def fits(answer: httpx.Response, contract: type[BaseModel]) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    contract.model_validate_json(answer.content)
    return dict(answer.json())


def problem(answer: httpx.Response, kind: str) -> ProblemDocument:
    assert answer.headers["content-type"] == "application/problem+json"
    document = ProblemDocument.model_validate_json(answer.content)
    assert document.type == f"/docs#problem-{kind}"
    assert document.status == answer.status_code == KINDS[kind].status
    assert "Traceback" not in answer.text
    return document


@pytest.mark.parametrize("path", ["/score", "/v1/score"])
@pytest.mark.parametrize("asked", [BY_ID, BY_FACTS], ids=["by_id", "by_facts"])
def test_the_documented_examples_are_answered(client: Any, path: str, asked: dict) -> None:
    answer = fits(client.post(path, json=asked), Decision)
    assert answer["as_of_date"] == asked["as_of_date"]


def test_a_decision_can_be_read_again_byte_for_byte(client: Any, desk: Desk) -> None:
    answer = client.post("/score", json=BY_ID)
    decision_id = answer.json()["decision_id"]
    kept = client.get(f"/v1/decisions/{decision_id}")
    content = fits(kept, KeptDecision)
    assert answer.content in kept.content
    assert content["request"] == BY_ID
    assert content["data_version"] == desk.portfolio.version


def test_a_batch(client: Any) -> None:
    asked = {"requests": [BY_ID, {**BY_ID, "buyer_id": "nobody"}, BY_FACTS]}
    answers = fits(client.post("/v1/score-batch", json=asked), BatchAnswer)["answers"]
    assert [a.get("status", 200) for a in answers] == [200, 404, 200]


def test_what_serves(client: Any, desk: Desk) -> None:
    content = fits(client.get("/v1/models"), ServedModel)
    assert content["model_version"] == desk.champion.now.model.version
    assert content["last_known_day"] == "2025-12-31"
    assert content["metadata"]["trained_on"] == "invented"


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
    document = problem(client.post("/score", content=body), kind)
    assert document.detail
    if field:
        assert document.errors[0]["field"] == field
        assert document.errors[0]["remedy"]
    assert desk.store.verify().sequence == 0


def test_deep_nesting_is_refused(client: Any) -> None:
    problem(client.post("/score", content=b"[" * 100_000), "malformed-json")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_has_a_largest_size(
    client: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch, chunked: bool
) -> None:
    monkeypatch.setattr(api, "LARGEST_BODY", 1000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 100

    content = pieces() if chunked else b" " * 2000
    problem(type(client)(desk).post("/score", content=content), "too-large")


def test_a_hundred_thousand_invoices_are_answered(client: Any) -> None:
    invoices = [
        {"invoice_id": str(i), "issued_on": "2025-01-01", "due_on": "2025-02-01", "amount": 10}
        for i in range(100_000)
    ]
    asked = {"as_of_date": "2025-06-30", "facts": {**BY_FACTS["facts"], "invoices": invoices}}
    fits(client.post("/score", json=asked), Decision)
    asked["facts"]["invoices"].append({**invoices[0], "invoice_id": "one more"})
    document = problem(client.post("/score", json=asked), "invalid-request")
    assert document.errors[0]["field"] == "facts.invoices"


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v1/nothing", "not-found"),
        ("GET", "/score", "method-not-allowed"),
        ("GET", "/v1/decisions/none", "unknown-decision"),
    ],
)
def test_other_addresses(client: Any, method: str, path: str, kind: str) -> None:
    problem(client.request(method, path), kind)


def test_a_fault_of_ours_says_nothing_of_the_inside(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "_caller", lambda request: 1 / 0)
    document = problem(client.post("/score", json=BY_ID), "internal")
    assert "division" not in document.model_dump_json()


def test_browsers_are_told_in_html(client: Any) -> None:
    answer = client.get("/buyers/nobody", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "Unknown buyer" in answer.text


def test_metrics_count_by_route(client: Any) -> None:
    assert "encours_requests_total" in client.get("/metrics").text


def test_the_openapi_document_stands_by_itself(client: Any) -> None:
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    assert {"/score", "/v1/score", "/v1/score-batch", "/v1/models"} <= set(document["paths"])
    known = document["components"]["schemas"]

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    assert references(document) == {f"#/components/schemas/{name}" for name in known} & references(
        document
    )
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["description"]
            for status, response in operation["responses"].items():
                media = "application/json" if status == "200" else "application/problem+json"
                assert list(response["content"]) == [media]
