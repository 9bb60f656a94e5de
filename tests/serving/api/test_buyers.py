"""Buyers over HTTP: found by name or identifier, with what was decided on them."""

from typing import Any

import pytest

from serving.answers import Candidate, Decision, LimitDecision
from serving.api.examples import BY_FACTS, BY_ID, OVERRIDE
from serving.cursor import Page
from serving.decide import Desk
from serving.kept_answers import BuyerHistory


def search(client: Any, **asked: Any) -> dict[str, Any]:
    return dict(client.fits(client.get("/v1/buyers", params=asked), Page[Candidate]))


def test_a_buyer_is_found_by_its_name_however_written(client: Any) -> None:
    for query in ("electricite script alert 1 script fils", "ODD-NAME", "odd name"):
        first = search(client, query=query)["items"][0]
        assert (first["buyer_id"], first["confidence"]) == ("ODD-NAME", 1.0)
    assert search(client, query="ODD-NAME")["items"][0]["matched_on"] == "identifier"
    assert search(client, query="ODD-NAME", country="DE")["items"][0]["buyer_id"] == "ODD-NAME"
    assert search(client, query="electricite alert", country="DE")["items"] == []


def test_candidates_come_in_pages(client: Any) -> None:
    query = "Transports"
    whole = search(client, query=query, page_size=200)["items"]
    seen, cursor = [], None
    while True:
        page = search(client, query=query, page_size=2, **({"cursor": cursor} if cursor else {}))
        seen += page["items"]
        if not (cursor := page["next_cursor"]):
            break
    assert seen == whole
    assert len(whole) > 2


@pytest.mark.parametrize("asked", [{}, {"query": ""}, {"query": "x", "country": "France"}])
def test_a_search_needs_words(client: Any, asked: dict[str, Any]) -> None:
    client.refused(client.get("/v1/buyers", params=asked), "invalid-request")


def test_a_buyers_history(client: Any, desk: Desk) -> None:
    path = f"/v1/buyers/{BY_ID['buyer_id']}"
    empty = client.fits(client.get(path), BuyerHistory)
    assert (empty["latest"], empty["decisions"]["items"]) == (None, [])
    answers = [client.post("/v1/score", json=BY_ID).json() for _ in range(3)]
    answers.append(client.post("/v1/limits", json=BY_ID).json())
    client.post("/v1/overrides", json=OVERRIDE)
    history = client.fits(client.get(path, params={"page_size": 3}), BuyerHistory)
    assert history["latest"] == answers[3]
    LimitDecision.model_validate(history["latest"])
    assert history["buyer"]["country"]
    assert history["overrides"][0]["limit"] == OVERRIDE["limit"]
    rest = client.get(
        path, params={"page_size": 3, "cursor": history["decisions"]["next_cursor"]}
    ).json()
    ids = [one["decision_id"] for page in (history, rest) for one in page["decisions"]["items"]]
    assert ids == [one["decision_id"] for one in reversed(answers)]
    assert [one["operation"] for one in history["decisions"]["items"]] == [
        "limits",
        "score",
        "score",
    ]
    assert history["decisions"]["items"][1]["limit"] == answers[2]["limit"]


def test_a_buyer_known_from_facts_alone_has_a_history(client: Any) -> None:
    buyer_id = BY_FACTS["facts"]["buyer"]["buyer_id"]
    client.refused(client.get(f"/v1/buyers/{buyer_id}"), "unknown-buyer")
    answer = client.post("/v1/score", json=BY_FACTS).json()
    history = client.fits(client.get(f"/v1/buyers/{buyer_id}"), BuyerHistory)
    assert (history["buyer"], history["latest"]) == (None, answer)
    Decision.model_validate(history["latest"])


def test_any_id_can_be_asked_for(client: Any) -> None:
    found = client.get("/v1/buyers/ODD%2FID%20%3F")
    assert client.fits(found, BuyerHistory)["buyer"]["name"] == "Slash & Co"
