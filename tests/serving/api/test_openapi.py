"""The document that says what answers and what is refused."""

from typing import Any


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
