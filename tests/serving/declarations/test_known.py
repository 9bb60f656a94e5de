"""A worker knows what any worker acknowledged, and decides nothing without it."""

import asyncio
from datetime import date
from typing import Any

import orjson
import pytest

from serving.access.caller import Caller
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.declarations.events import Event, Review, declare, review
from serving.declarations.known import Known
from serving.declarations.overrides import ModelValues, OverrideRequest, set_override, withdraw
from serving.store.store import Store

ANA = Caller("ana", "underwriter", "person")
DAY = date(2025, 6, 30)
MODEL = ModelValues(1.0, "5", 0.01, "m")


def claim(store: Store, buyer_id: str = "B0000017") -> str:
    event = Event(buyer_id=buyer_id, event_date=date(2025, 5, 1), known_on=DAY, amount=500.0)
    with store.writing() as connection:
        return declare(event, "claim", ANA, "EUR", connection).declaration_id


def override(store: Store, **given: Any) -> str:
    window = {"valid_from": DAY, "expires_on": date(2025, 9, 30)}
    request = OverrideRequest(**{"buyer_id": "B0000017", "reason": "x", **window, **given})
    with store.writing() as connection:
        return set_override(request, MODEL, ANA, connection).override_id


def test_what_is_declared_is_known_until_it_is_found_invalid(real_store: Store) -> None:
    known, other = Known(real_store), Known(real_store)
    declaration_id = claim(real_store)
    assert known.events("B0000017") == ()
    known.refresh()
    (event,) = known.events("B0000017")
    assert (event.kind, event.amount, event.currency) == ("claim", 500.0, "EUR")
    with real_store.writing() as connection:
        review(declaration_id, Review(validity="invalid"), ANA, connection)
    known.refresh()
    other.refresh()
    assert known.events("B0000017") == other.events("B0000017") == ()
    assert known.revision == other.revision == 2


def test_the_last_limit_and_the_last_grade_are_in_force(real_store: Store) -> None:
    override(real_store, limit=10.0)
    last = override(real_store, limit=20.0)
    override(real_store, grade="7", expires_on=date(2025, 7, 31))
    known = Known(real_store)

    def on(day: str) -> set[float | str | None]:
        return {one.grade or one.limit for one in known.overrides("B0000017", day)}

    assert on("2025-06-29") == set()
    assert on("2025-07-31") == {20.0, "7"}
    assert on("2025-08-01") == {20.0}
    assert on("2025-10-01") == set()
    with real_store.writing() as connection:
        withdraw(last, ANA, connection)
    known.refresh()
    assert on("2025-08-01") == {10.0}


def decided(desk: Desk) -> dict[str, Any]:
    request = ScoreRequest(buyer_id="B0000017", as_of_date=DAY)
    return dict(orjson.loads(asyncio.run(desk.decide(request, "erp"))))


@pytest.mark.parametrize("in_the_meantime", [False, True])
def test_a_decision_knows_what_another_worker_acknowledged(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, in_the_meantime: bool
) -> None:
    """Before it began, and even while it was being made."""
    assert decided(desk)["limit"] > 0
    if not in_the_meantime:
        claim(desk.store)
    else:
        dossier, calls = desk.dossiers.of, []

        def slow(request: ScoreRequest) -> Any:
            found = dossier(request)
            if not calls:
                calls.append(claim(desk.store))
            return found

        monkeypatch.setattr(desk.dossiers, "of", slow)
    assert decided(desk)["limit"] == 0
    assert desk.store.verify().sequence == 2
