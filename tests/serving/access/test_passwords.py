"""Wrong passwords cost time, and the answer says nothing of who exists."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from serving.access import passwords
from serving.access.passwords import check_strength, has_password, right_password, wait_after
from serving.access.people import add_person, from_elsewhere, set_password
from serving.store.access import PEOPLE
from serving.store.store import Store

PASSWORD = "correct horse battery"


@pytest.fixture
def store(real_store: Store) -> Store:
    add_person(real_store, "alice", "underwriter", password=PASSWORD)
    return real_store


def test_a_password_is_kept_as_argon2id(store: Store) -> None:
    with store.reading() as connection:
        kept = connection.execute(sa.select(PEOPLE.c.password)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept
    assert right_password(store, "alice", PASSWORD)
    assert not right_password(store, "alice", PASSWORD + "x")


@pytest.mark.parametrize("name", ["bob", "", "ALICE", "a\x00", "é" * 200, "carol"])
def test_who_has_no_password_costs_the_same_work(
    store: Store, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_elsewhere(store, "https://id.example 1", "carol", "viewer")
    verified = []
    verify = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda *a: verified.append(a) or verify(*a))
    assert not right_password(store, name, "nobody's password")
    assert len(verified) == 1
    assert not has_password(store, "carol")
    assert has_password(store, "alice")


def test_five_wrong_ones_lock_for_a_while_and_a_right_one_in_time_clears(store: Store) -> None:
    for _ in range(4):
        assert not right_password(store, "alice", "wrong")
    assert right_password(store, "alice", PASSWORD)
    for _ in range(5):
        assert not right_password(store, "alice", "wrong")
    assert not right_password(store, "alice", PASSWORD)
    earlier = (datetime.now(UTC) - timedelta(seconds=1)).isoformat(timespec="microseconds")
    with store.writing() as connection:
        connection.execute(sa.update(PEOPLE).values(locked_until=earlier))
    assert right_password(store, "alice", PASSWORD)
    for _ in range(5):
        right_password(store, "alice", "wrong")
    set_password(store, "alice", "another horse battery")  # a reset opens it
    assert right_password(store, "alice", "another horse battery")


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    waits = [wait_after(failures).total_seconds() for failures in range(4, 14)]
    assert waits == [0, 30, 60, 120, 240, 480, 900, 900, 900, 900]


@pytest.mark.parametrize(
    "password", ["short", "a" * 257, "alice-in-wonderland", "ababababababab", ""]
)
def test_a_weak_password_is_refused_and_not_repeated(password: str) -> None:
    with pytest.raises(ValueError, match="use a password") as refused:
        check_strength(password, "alice")
    assert not password or password not in str(refused.value)
