"""Accounts, on SQLite and PostgreSQL."""

import pytest

from serving.access.keys import create_key
from serving.access.passwords import right_password
from serving.access.people import (
    add_person,
    all_people,
    disable,
    enable,
    end_sessions,
    find_person,
    from_elsewhere,
    generated_password,
    set_password,
    set_role,
)
from serving.store.store import Store

PASSWORD = "correct horse battery"


@pytest.fixture
def store(real_store: Store) -> Store:
    add_person(real_store, "alice", "underwriter", password=PASSWORD)
    return real_store


def epoch(store: Store, name: str = "alice") -> int:
    person = find_person(store, name)
    assert person is not None
    return person.epoch


def test_an_account_is_found_as_it_was_made(store: Store) -> None:
    person = find_person(store, "alice")
    assert person is not None
    assert (person.caller.name, person.caller.role, person.caller.kind) == (
        "alice",
        "underwriter",
        "person",
    )
    assert not person.disabled
    assert find_person(store, "bob") is None


def test_what_must_end_sessions_moves_the_epoch(store: Store) -> None:
    epochs = [epoch(store)]
    for change in (
        lambda: set_password(store, "alice", "another horse battery"),
        lambda: end_sessions(store, "alice"),
        lambda: disable(store, "alice"),
    ):
        change()
        epochs.append(epoch(store))
    assert epochs == [0, 1, 2, 3]
    set_role(store, "alice", "viewer")
    enable(store, "alice")
    assert epoch(store) == 3
    assert find_person(store, "alice").caller.role == "viewer"


def test_a_closed_account_stays_in_the_list(store: Store) -> None:
    disable(store, "alice")
    assert not right_password(store, "alice", PASSWORD)
    (row,) = all_people(store)
    assert row["disabled_at"]
    assert row["signs_in"] == "here"
    assert not {"password", "epoch"} & set(row)
    enable(store, "alice")
    assert right_password(store, "alice", PASSWORD)


def test_names_say_who_it_was(store: Store) -> None:
    create_key(store, "erp", "engine")
    for name, whose in (("alice", "a person's"), ("erp", "a key's")):
        with pytest.raises(ValueError, match=f"{whose} name already"):
            add_person(store, name, "viewer", password=PASSWORD)
    for change in (disable, end_sessions, enable):
        with pytest.raises(KeyError, match="no account 'bob'"):
            change(store, "bob")


def test_who_signs_in_elsewhere_keeps_the_account_and_follows_the_role(store: Store) -> None:
    first = from_elsewhere(store, "https://id.example 42", "carol", "viewer")
    again = from_elsewhere(store, "https://id.example 42", "carol-married", "underwriter")
    assert (first.caller.name, first.caller.role) == ("carol", "viewer")
    assert (again.caller.name, again.caller.role) == ("carol", "underwriter")
    assert not right_password(store, "carol", "")


def test_nobody_from_elsewhere_takes_over_an_account(store: Store) -> None:
    with pytest.raises(ValueError, match="a person's name already"):
        from_elsewhere(store, "https://id.example 43", "alice", "risk-admin")
    from_elsewhere(store, "https://id.example 42", "carol", "viewer")
    with pytest.raises(ValueError, match="a person's name already"):
        from_elsewhere(store, "https://other.example 42", "carol", "risk-admin")


def test_generated_passwords_differ_and_will_do(store: Store) -> None:
    made = {generated_password() for _ in range(100)}
    assert len(made) == 100
    set_password(store, "alice", made.pop())
