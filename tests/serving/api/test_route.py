"""A query parameter that an operation does not know is refused, with those that it knows."""

from typing import Any

import pytest

from serving.api.app import create_app
from serving.decide import Desk


def test_a_misspelt_parameter_is_named_with_the_one_that_is_meant(client: Any) -> None:
    problem = client.refused(
        client.get("/v1/buyers", params={"query": "x", "page_sise": "2", "q": "y"}),
        "invalid-request",
    )
    assert [(error.field, error.value) for error in problem.errors] == [
        ("page_sise", "2"),
        ("q", "y"),
    ]
    assert problem.errors[0].remedy == (
        "is unknown, perhaps page_size; this operation takes country, cursor, page_size, query"
    )


def test_one_that_takes_none_says_so(client: Any) -> None:
    asked = {"buyer_id": "B0000017", "as_of_date": "2025-06-30"}
    answer = client.post("/v1/score", json=asked, params={"dry_run": "true"})
    problem = client.refused(answer, "invalid-request")
    assert problem.errors[0].remedy == "is unknown; this operation takes no query parameters"


def test_a_parameter_is_sent_once_unless_it_is_a_list(client: Any) -> None:
    answer = client.get("/v1/buyers", params=[("query", "x"), ("query", "y")])
    problem = client.refused(answer, "invalid-request")
    assert [(error.field, error.value) for error in problem.errors] == [("query", "y")]
    states = [("state", "open"), ("state", "snoozed")]
    assert client.get("/v1/alerts", params=states).status_code == 200


def test_every_operation_of_the_api_looks(desk: Desk, client: Any) -> None:
    document = create_app(desk).openapi()
    asked = 0
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "422" in operation["responses"], (method, path)
            there = path.replace("{", "").replace("}", "").replace(":path", "")
            answer = client.request(method.upper(), there, params={"nobody-knows": "1"})
            problem = client.refused(answer, "invalid-request")
            assert [error.field for error in problem.errors] == ["nobody-knows"], (method, path)
            asked += 1
    assert asked > 20


@pytest.mark.parametrize("path", ["/", "/portfolio", "/docs"])
def test_pages_do_not_mind(visitor: Any, path: str) -> None:
    """Links to pages travel with parameters of mail programs."""
    visitor.sign_in("alice", "correct horse battery")
    assert visitor.get(path, params={"utm_source": "mail"}).status_code < 400
