"""Referred decisions queue over HTTP, and a person decides them."""

from pathlib import Path
from typing import Any

import pytest

from models.policy import Policy
from serving.api.examples import BY_ID, REFUSAL, VERDICT
from serving.champion import Champion
from serving.cursor import Page
from serving.decide import Desk
from serving.declarations.overrides import KeptOverride
from serving.declarations.referrals import Clock, Referral
from serving.portfolio import Portfolio
from serving.store.store import Store


@pytest.fixture
def desk(credit_model: Any, portfolio: Portfolio, store: Store, tmp_path: Path) -> Desk:
    """Whose policy leaves next to nothing to the engine."""
    numbers = {**credit_model.policy.model_dump(), "discretionary_limit": 1.0}
    strict = Policy.model_validate(numbers)
    credit_model.with_policy(strict).save(tmp_path / "champion")
    return Desk(Champion(tmp_path / "champion"), portfolio, store)


def ask(client: Any, **changed: Any) -> dict[str, Any]:
    return dict(client.post("/v1/limits", json={**BY_ID, **changed}).json())


def test_a_referred_request_is_queued_and_decided(client: Any) -> None:
    asked = ask(client)
    assert (asked["decision"], asked["amount"]) == ("referred", 0)
    assert ask(client)["decision"] == "referred"
    queue = client.fits(client.get("/v1/referrals"), Page[Referral])
    (waits,) = queue["items"]
    assert (waits["decisions"], waits["buyer_id"]) == (2, BY_ID["buyer_id"])
    figures = client.fits(client.get("/v1/referrals/clock"), Clock)
    assert (figures["open"], figures["decisions"], figures["automatic_share"]) == (1, 2, 0)

    path = f"/v1/referrals/{waits['referral_id']}/decide"
    verdict = client.post(path, json=VERDICT)
    assert client.fits(verdict, KeptOverride)["referral_id"] == waits["referral_id"]
    granted = ask(client)
    assert (granted["decision"], granted["amount"]) == ("full", VERDICT["limit"])
    client.refused(client.post(path, json=REFUSAL), "already-decided")
    assert client.get("/v1/referrals").json()["items"] == []
    decided = client.get("/v1/referrals", params={"state": "decided"}).json()["items"]
    assert [one["limit"] for one in decided] == [VERDICT["limit"]]


def test_who_is_refused_gets_nothing(client: Any) -> None:
    ask(client)
    (waits,) = client.get("/v1/referrals").json()["items"]
    client.post(f"/v1/referrals/{waits['referral_id']}/decide", json=REFUSAL)
    assert ask(client)["decision"] == "refused"


def test_the_queue_is_a_feed(client: Any) -> None:
    ask(client)
    first = client.get("/v1/referrals").json()
    assert client.get("/v1/referrals", params={"cursor": first["next_cursor"]}).json() == {
        "items": [],
        "next_cursor": first["next_cursor"],
    }
    ask(client, buyer_id="ODD-EMPTY")
    more = client.get("/v1/referrals", params={"cursor": first["next_cursor"]}).json()
    assert [one["buyer_id"] for one in more["items"]] == ["ODD-EMPTY"]


def test_what_cannot_be_decided(client: Any) -> None:
    client.refused(client.post("/v1/referrals/none/decide", json=VERDICT), "unknown-referral")
    ask(client)
    (waits,) = client.get("/v1/referrals").json()["items"]
    early = {**VERDICT, "expires_on": "2025-06-29"}
    answer = client.post(f"/v1/referrals/{waits['referral_id']}/decide", json=early)
    assert client.refused(answer, "invalid-request").errors[0].field == "expires_on"
    client.refused(client.get("/v1/referrals", params={"state": "lost"}), "invalid-request")
