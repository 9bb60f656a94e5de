"""The document that says what answers and what is refused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import encours
from serving.answers import Decision
from serving.api.example_alert import ALERT
from serving.api.example_decision import DECISION
from serving.api.examples import CANDIDATE, HISTORY
from serving.champion import Champion
from serving.decide import Desk
from serving.matching import DOUBTFUL
from serving.portfolio import Portfolio
from serving.store.store import Store
from serving.surveillance.contracts import Alert


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
                media = "application/json" if status.startswith("2") else "application/problem+json"
                assert list(response["content"]) == [media]


def test_every_operation_has_examples_that_keep_to_the_contract(client: Any) -> None:
    document = client.get("/openapi.json").json()
    checked = 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            given = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if given is not None:
                assert given["examples"], where
                for example in given["examples"].values():
                    _check(document, given["schema"], example["value"], where)
            for status, response in operation["responses"].items():
                if status.startswith("2"):
                    media = response["content"]["application/json"]
                    assert "example" in media, where
                    _check(document, media["schema"], media["example"], where)
                    checked += 1
    assert checked == len(list(_operations(document)))


def test_the_document_is_the_same_each_time(client: Any) -> None:
    first, again = (client.get("/openapi.json").content for _ in range(2))
    assert first == again


def _operations(document: dict[str, Any]) -> list[Any]:
    return [one for methods in document["paths"].values() for one in methods.values()]


def _check(document: dict[str, Any], schema: dict[str, Any], example: Any, where: str) -> None:
    whole = {**schema, "components": document["components"]}
    faults = [fault.message for fault in Draft202012Validator(whole).iter_errors(example)]
    assert faults == [], where


def test_every_write_says_that_it_can_be_repeated(client: Any) -> None:
    document = client.get("/openapi.json").json()
    for path, methods in document["paths"].items():
        named = {one["name"] for one in methods.get("post", {}).get("parameters", [])}
        if "post" in methods and path != "/v1/counterfactuals":  # that keeps nothing
            assert "Idempotency-Key" in named, path


def test_the_examples_have_every_field() -> None:
    assert set(ALERT) == set(Alert.model_fields)
    assert set(DECISION) == set(Decision.model_fields)
    assert Decision.model_validate(DECISION).limit == DECISION["limit"]


def test_an_integrator_finds_names_tags_words_and_both_ways_to_send_a_key(client: Any) -> None:
    document = client.get("/openapi.json").json()
    operations = _operations(document)
    names = [one["operationId"] for one in operations]
    assert len(set(names)) == len(names)
    assert {"score", "score_batch", "limits", "declare_claim", "replay_decision"} <= set(names)
    assert set(document["components"]["securitySchemes"]) == {"key", "header"}
    for one in operations:
        assert one["tags"], one["operationId"]
        assert {"key": []} in one["security"] and {"header": []} in one["security"]
        for parameter in one.get("parameters", ()):
            assert parameter["description"], (one["operationId"], parameter["name"])


def test_examples_work_as_they_are_pasted(client: Any) -> None:
    """Those that name a buyer; what names a decision or the like needs one of one's own."""
    pasted = _paste(client, but=("by_name",))  # names differ from one economy to the next
    assert len(pasted) > 20


@pytest.mark.slow
def test_examples_work_on_the_demo(
    client_of: Any, bundle: Path, tmp_path: Path, store: Store
) -> None:
    encours.generate(tmp_path / "demo")
    asked = client_of(Desk(Champion(bundle), Portfolio.load(tmp_path / "demo", "EUR"), store))
    pasted = _paste(asked)
    for path in ("/v1/score", "/v1/limits"):
        assert pasted[path, "by_name"]["buyer_id"] == "B0000017"
    (found, *others) = pasted["/v1/buyers", ""]["items"]
    assert found == CANDIDATE
    assert all(one["confidence"] < DOUBTFUL for one in others)
    told = pasted["/v1/buyers/B0000017", ""]["buyer"]
    assert told == HISTORY["buyer"] | {"group_id": told["group_id"]}


def _paste(client: Any, but: Sequence[str] = ()) -> dict[tuple[str, str], Any]:
    """Ask every example, parameters too; the answers by path and name of the example."""
    answers = {}
    for path, methods in client.get("/openapi.json").json()["paths"].items():
        for method, operation in methods.items():
            given = {one["name"]: one for one in operation.get("parameters", ())}
            if "{" in path.replace("{buyer_id}", ""):
                continue
            where = path.format(**{name: one.get("example") for name, one in given.items()})
            query = {
                name: one["example"]
                for name, one in given.items()
                if one["in"] == "query" and "example" in one
            }
            media = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for name, example in media.get("examples", {"": {"value": None}}).items():
                if name in but:
                    continue
                content = {"params": query, "json": example["value"]}
                answer = client.request(method.upper(), where, **content)
                assert answer.is_success, (where, name, answer.text)
                answers[where, name] = answer.json()
    return answers
