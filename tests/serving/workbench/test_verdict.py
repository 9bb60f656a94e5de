"""What a person decides on the page is kept beside what the model holds."""

from typing import Any

import pytest

from serving.decide import Desk
from serving.workbench.history import history

BUYER = "B0000017"
WHY = {"reason": "Known for years", "expires_on": "2026-12-31"}


def decide(client: Any, status: int = 303, **fields: str) -> Any:
    answer = client.post(f"/verdicts/{BUYER}", data={"as_of": "2025-06-30", **fields})
    assert answer.status_code == status, answer.text
    return answer


def told(desk: Desk) -> list[dict[str, Any]]:
    return history(desk.store, BUYER)


def test_accepting_keeps_the_engines_answer(client: Any, desk: Desk) -> None:
    answer = decide(client, action="accept", amount="80000")
    assert answer.headers["location"].startswith(f"/buyers/{BUYER}?as_of=2025-06-30&amount=80000")
    (kept,) = [one for one in told(desk) if one["kind"] == "decision"]
    assert kept["requested_amount"] == 80_000
    assert kept["overrides"] == []


@pytest.mark.parametrize(
    ("action", "given", "limit"),
    [("modify", {"limit": "12345"}, 12_345.0), ("refuse", {"limit": "99999"}, 0.0)],
)
def test_another_limit_is_in_force_and_both_are_kept(
    client: Any, desk: Desk, action: str, given: dict[str, str], limit: float
) -> None:
    before = client.post("/score", json={"buyer_id": BUYER, "as_of_date": "2025-06-30"}).json()
    decide(client, action=action, **given, **WHY)
    after = client.post("/score", json={"buyer_id": BUYER, "as_of_date": "2025-06-30"}).json()
    assert after["limit"] == limit
    (override,) = after["overrides"]
    assert override["model_limit"] == before["limit"]
    assert override["reason"] == WHY["reason"]
    assert {one["kind"] for one in told(desk)} == {"decision", "override"}


def test_a_grade_is_set_and_withdrawn(client: Any, desk: Desk) -> None:
    decide(client, action="modify", grade="3", **WHY)
    page = client.get(f"/buyers/{BUYER}?as_of=2025-06-30").text
    assert "Grade set by" in page
    override = next(one for one in told(desk) if one["kind"] == "override")
    answer = client.post(f"/overrides/{override['override_id']}/withdraw")
    assert answer.status_code == 303
    assert "Grade set by" not in client.get(answer.headers["location"]).text
    assert "withdrawal" in {one["kind"] for one in told(desk)}


def test_a_referral_waits_and_is_closed_by_a_limit(client: Any, desk: Desk) -> None:
    decide(client, action="refer", amount="80000")
    assert [one["state"] for one in told(desk) if one["kind"] == "referral"] == ["open"]
    decide(client, action="modify", limit="20000", **WHY)
    (referral,) = [one for one in told(desk) if one["kind"] == "referral"]
    assert referral["state"] == "decided"
    assert referral["limit"] == 20_000


def test_accepting_closes_what_waits(client: Any, desk: Desk) -> None:
    decide(client, action="refer")
    decide(client, action="accept")
    assert [one["state"] for one in told(desk) if one["kind"] == "referral"] == ["decided"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"action": "dream"}, "action"),
        ({"action": "modify", "limit": "1"}, "reason"),
        ({"action": "modify", **WHY}, "limit"),
        ({"action": "modify", "grade": "Z", **WHY}, "grade"),
        ({"action": "modify", "limit": "-1", **WHY}, "limit"),
        ({"action": "refuse", "reason": "x", "expires_on": "2020-01-01"}, "expires_on"),
    ],
)
def test_what_cannot_be_decided_is_explained_and_nothing_kept(
    client: Any, desk: Desk, fields: dict[str, str], named: str
) -> None:
    assert named in decide(client, 422, **fields).text
    assert told(desk) == []


def test_history_is_latest_first_and_short(client: Any, desk: Desk) -> None:
    for _ in range(8):
        decide(client, action="accept")
    moments = [one["at"] for one in told(desk)]
    assert moments == sorted(moments, reverse=True)
    assert len(moments) == 6


def test_a_memo_of_no_decision_is_not_found(client: Any, desk: Desk) -> None:
    assert client.get("/decisions/none/memo.pdf").status_code == 404
    decide(client, action="accept")
    decision = next(one for one in told(desk) if one["kind"] == "decision")
    printed = client.get(f"/decisions/{decision['id']}/memo.pdf")
    assert printed.headers["content-type"] == "application/pdf"
