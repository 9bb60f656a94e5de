"""What a person must decide queues with its clock, and is decided once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from serving.access.caller import Caller
from serving.declarations.overrides import override
from serving.declarations.referrals import (
    PROMISED,
    Referral,
    Referred,
    Verdict,
    clock,
    decide_referral,
    open_referrals,
    referral_of,
)
from serving.problems import Problem
from serving.store.declarations import REFERRALS
from serving.store.store import Store

ANA = Caller("ana", "underwriter", "person")
WAITS = Referred("d1", "B1", "2025-06-30", 900_000.0, 600_000.0, "4", 3e-3, "m")
VERDICT = Verdict(limit=700_000, reason="visited them", expires_on=date(2025, 12, 31))


def queue(store: Store, *referred: Referred) -> list[Referral]:
    with store.writing() as connection:
        open_referrals(referred, connection)
    return all_of(store)


def all_of(store: Store) -> list[Referral]:
    with store.reading() as connection:
        rows = connection.execute(sa.select(REFERRALS).order_by(REFERRALS.c.sequence)).all()
    return [referral_of(row) for row in rows]


def decide(store: Store, referral_id: str) -> None:
    with store.writing() as connection:
        kept = decide_referral(referral_id, VERDICT, ANA, connection)
        assert override(connection, kept.override_id) == kept


def test_a_buyer_waits_once(real_store: Store) -> None:
    later = replace(WAITS, decision_id="d3", requested_amount=None)
    first, second = queue(real_store, WAITS, replace(WAITS, buyer_id="B2", decision_id="d2"), later)
    assert (first.buyer_id, first.decisions, first.decision_id) == ("B1", 2, "d3")
    assert (second.buyer_id, second.decisions) == ("B2", 1)
    assert first.due_at - first.opened_at == PROMISED
    assert not first.overdue


def test_a_verdict_is_an_override_and_closes_the_referral(real_store: Store) -> None:
    (waits,) = queue(real_store, WAITS)
    decide(real_store, waits.referral_id)
    (done,) = all_of(real_store)
    assert (done.state, done.limit, done.decided_by) == ("decided", 700_000, "ana")
    assert done.override_id
    with pytest.raises(Problem) as raised:
        decide(real_store, waits.referral_id)
    assert raised.value.kind == "already-decided"
    with pytest.raises(Problem, match="no referral"):
        decide(real_store, "none")
    assert len(queue(real_store, WAITS)) == 2  # decided is over: a new one is opened


def test_the_clock_runs_until_somebody_decides(real_store: Store) -> None:
    first, _ = queue(real_store, WAITS, replace(WAITS, buyer_id="B2"))
    before = datetime.now(UTC) - timedelta(hours=30)
    with real_store.writing() as connection:
        late = {"opened_at": before.isoformat(), "due_at": (before + PROMISED).isoformat()}
        connection.execute(sa.update(REFERRALS).values(late))
    assert [one.overdue for one in all_of(real_store)] == [True, True]
    decide(real_store, first.referral_id)
    with real_store.reading() as connection:
        figures = clock(connection)
    assert (figures.open, figures.open_overdue) == (1, 1)
    assert (figures.decided, figures.decided_late) == (1, 1)
    assert figures.age_p50_hours == pytest.approx(30, abs=0.1)
    assert figures.automatic_share is None  # no decision was kept here


def test_an_empty_queue_has_a_clock(real_store: Store) -> None:
    with real_store.reading() as connection:
        figures = clock(connection)
    assert (figures.open, figures.age_p95_hours) == (0, None)
