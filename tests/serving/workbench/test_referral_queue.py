"""The queue of referrals shows its clock; who waits longest stands first."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from serving.decide import Desk
from serving.declarations.referrals import Referred, open_referrals
from serving.store.declarations import REFERRALS


@pytest.fixture
def waiting(desk: Desk) -> list[str]:
    """Two buyers that wait, the second for thirty hours."""
    buyers = ["B0000017", "B0000018"]
    asked = [Referred(b, b, "2025-06-30", 900_000.0, 6e5, "4", 3e-3, "m") for b in buyers]
    with desk.store.writing() as connection:
        open_referrals(asked, connection)
        long_ago = datetime.now(UTC) - timedelta(hours=30)
        connection.execute(
            sa.update(REFERRALS)
            .where(REFERRALS.c.buyer_id == buyers[1])
            .values(
                opened_at=long_ago.isoformat(timespec="seconds"),
                due_at=(long_ago + timedelta(hours=24)).isoformat(timespec="seconds"),
            )
        )
    return buyers


def test_the_clock_and_the_queue(client: Any, desk: Desk, waiting: list[str]) -> None:
    text = client.get("/referrals").text
    assert [f"/buyers/{buyer}" in text for buyer in waiting] == [True, True]
    tiles = dict(re.findall(r"<dt>([^<]+)</dt><dd[^>]*>([^<]+)</dd>", text))
    assert (tiles["Waiting"], tiles["over 24 hours"]) == ("2", "1")
    assert "30.0 h" in text
    viewer = type(client)(desk, "viewer")
    assert "/decide" in text
    assert "/decide" not in viewer.get("/referrals").text


def test_a_verdict_moves_it_to_the_decided(client: Any, waiting: list[str]) -> None:
    place = re.search(r'data-post="(/v1/referrals/[\w-]+/decide)"', client.get("/referrals").text)
    assert place
    verdict = {"limit": 700000, "reason": "visited them", "expires_on": "2026-06-30"}
    assert client.post(place[1], json=verdict).status_code == 201
    decided = client.get("/referrals?state=decided").text
    assert "visited them" in decided
    assert "granted 700,000" in decided
    assert "visited them" in client.get("/overrides").text


def test_nobody_waits(client: Any) -> None:
    assert "Nobody waits" in client.get("/referrals").text
    assert "Nothing was decided yet" in client.get("/referrals?state=decided&page=9").text
    assert client.get("/referrals?state=odd").status_code == 200
