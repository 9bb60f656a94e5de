"""The outbox on SQLite and PostgreSQL: one worker at a time, at least once, dead in the end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from serving.store.store import Store
from serving.store.surveillance import OUTBOX, instant
from serving.surveillance.outbox import (
    ATTEMPTS,
    FIRST_WAIT,
    LEASE,
    LONGEST_WAIT,
    Message,
    counts,
    lease,
    post,
    revive,
    settle,
    wait_after,
)

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def fill(store: Store, messages: int) -> None:
    some = [Message(f"m{n:03}", "webhook", "endpoint", b"{}") for n in range(messages)]
    with store.writing() as connection:
        post(connection, some, NOON)


def test_a_leased_message_is_nobody_elses_until_the_lease_ends(real_store: Store) -> None:
    fill(real_store, 1)
    assert [m.message_id for m in lease(real_store, NOON)] == ["m000"]
    assert lease(real_store, NOON + LEASE - SECOND) == []
    (again,) = lease(real_store, NOON + LEASE)  # the worker died: its message comes back
    assert again.attempts == 1


def test_workers_at_once_never_share_a_message(real_store: Store) -> None:
    fill(real_store, 60)
    with ThreadPoolExecutor(4) as pool:
        taken = [
            m
            for found in pool.map(lambda _: lease(real_store, NOON, most=7), range(12))
            for m in found
        ]
    assert sorted(m.message_id for m in taken) == [f"m{n:03}" for n in range(60)]


def test_a_failure_waits_longer_each_time_and_dies_in_the_end(real_store: Store) -> None:
    fill(real_store, 1)
    at = NOON
    for attempt in range(ATTEMPTS):
        (message,) = lease(real_store, at)
        assert message.attempts == attempt
        settle(real_store, [(message, "answered 500")], at)
        with real_store.reading() as connection:
            row = connection.execute(sa.select(OUTBOX)).one()
        assert row.last_error == "answered 500"
        assert row.due_at >= instant(at + FIRST_WAIT / 2)
        assert lease(real_store, at + SECOND) == []
        at += LONGEST_WAIT
    assert counts(real_store) == {"dead": 1}
    assert lease(real_store, at) == []
    assert revive(real_store, at) == 1
    assert lease(real_store, at)[0].attempts == 0


def test_what_was_delivered_stays_delivered(real_store: Store) -> None:
    """Even where a worker whose lease had ended says later that it failed."""
    fill(real_store, 1)
    (slow,) = lease(real_store, NOON)
    (quick,) = lease(real_store, NOON + LEASE)
    settle(real_store, [(quick, None)], NOON + LEASE)
    settle(real_store, [(slow, "timed out")], NOON + LEASE + SECOND)
    assert counts(real_store) == {"delivered": 1}


@given(st.integers(0, ATTEMPTS))
def test_waits_double_up_to_the_longest_and_differ_by_chance(attempts: int) -> None:
    longest = min(FIRST_WAIT * 2**attempts, LONGEST_WAIT)
    assert longest / 2 <= wait_after(attempts) <= longest


def test_messages_are_given_up_after_more_than_half_a_day() -> None:
    waits = sum(
        (min(FIRST_WAIT * 2**n, LONGEST_WAIT) / 2 for n in range(ATTEMPTS - 1)), timedelta()
    )
    assert waits > timedelta(hours=12)


def test_the_oldest_come_first(real_store: Store) -> None:
    fill(real_store, 3)
    later = Message("late", "webhook", "endpoint", b"{}")
    with real_store.writing() as connection:
        post(connection, [later], NOON - SECOND)
    assert [m.message_id for m in lease(real_store, NOON, most=2)] == ["late", "m000"]


def test_no_message_is_posted_twice(real_store: Store) -> None:
    fill(real_store, 1)
    with pytest.raises(sa.exc.IntegrityError):
        fill(real_store, 1)
    assert counts(real_store) == {"waiting": 1}
