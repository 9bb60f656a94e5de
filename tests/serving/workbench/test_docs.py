from typing import Any

import pytest

from serving.problems import KINDS
from serving.workbench.docs import described, kind


@pytest.fixture
def document(client: Any) -> dict[str, Any]:
    return dict(client.get("/openapi.json").json())


def test_every_operation_and_schema_is_described(document: dict[str, Any]) -> None:
    api = described(document)
    assert {operation["path"] for operation in api["operations"]} == set(document["paths"])
    assert all(operation["says"] for operation in api["operations"])
    names = [schema["name"] for schema in api["schemas"]]
    assert names[:3] == ["ScoreRequest", "RawFacts", "Decision"]
    assert "InvoiceRow" in names
    assert api["problems"] is KINDS


def test_fields_say_kind_and_need(document: dict[str, Any]) -> None:
    fields = {field["name"]: field for field in described(document)["schemas"][0]["fields"]}
    assert fields["as_of_date"]["required"]
    assert fields["as_of_date"]["kind"] == "date"
    assert fields["facts"]["kind"] == "RawFacts"
    assert fields["requested_amount"]["kind"] == "number > 0 ≤ 1e+15"
    assert not fields["requested_amount"]["required"]


def test_kinds_in_words() -> None:
    assert kind({"enum": ["en", "fr"], "type": "string"}) == "en | fr"
    assert kind({"anyOf": [{"type": "string"}, {"type": "integer"}]}) == "string or integer"
    assert kind({}) == "any"
