"""Every write can be repeated: the same key gives the same bytes, and one write."""

from typing import Any

import pytest

from serving.api.examples import BY_FACTS, BY_ID, EVENT, OVERRIDE
from serving.decide import Desk

WRITES = [
    ("/v1/score", BY_ID),
    ("/v1/score", BY_FACTS),
    ("/v1/limits", BY_ID),
    ("/v1/score-batch", {"requests": [BY_ID, BY_FACTS]}),
    ("/v1/claims", EVENT),
    ("/v1/overdues", EVENT),
    ("/v1/overrides", OVERRIDE),
]
KEY = {"Idempotency-Key": "order-1"}


def written(desk: Desk) -> list[int]:
    lists = ("claims", "overdues", "overrides")
    return [desk.store.verify().sequence, desk.known.revision, len(lists)]


@pytest.mark.parametrize(("path", "asked"), WRITES)
def test_the_same_key_gives_the_same_bytes(
    client: Any, desk: Desk, path: str, asked: dict[str, Any]
) -> None:
    first = client.post(path, json=asked, headers=KEY)
    before = written(desk)
    again = client.post(path, json=asked, headers=KEY)
    assert first.is_success
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert written(desk) == before
    client.refused(
        client.post(path, json={**asked, "language": "fr"}, headers=KEY), "key-reused"
    ) if "as_of_date" in asked else None
    client.refused(client.post("/v1/score", json=BY_ID, headers=KEY), "key-reused") if (
        path,
        asked,
    ) != ("/v1/score", BY_ID) else None
    other = client.post(path, json=asked, headers={"Idempotency-Key": "order-2"})
    assert other.content != first.content


def test_a_refused_question_uses_up_no_key(client: Any) -> None:
    unknown = {**BY_ID, "buyer_id": "nobody"}
    client.refused(client.post("/v1/score", json=unknown, headers=KEY), "unknown-buyer")
    assert client.post("/v1/score", json=BY_ID, headers=KEY).is_success


def test_a_key_belongs_to_its_caller(client: Any, desk: Desk) -> None:
    first = client.post("/v1/score", json=BY_ID, headers=KEY)
    other = type(client)(desk).post("/v1/score", json=BY_ID, headers=KEY)
    assert other.is_success
    assert other.content != first.content


@pytest.mark.parametrize("key", ["", "a b", "x" * 201, "é"])
def test_a_key_is_a_word(client: Any, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    answer = client.post("/v1/score", json=BY_ID, headers=headers)
    problem = client.refused(answer, "invalid-request")
    assert problem.errors[0].field == "Idempotency-Key"
