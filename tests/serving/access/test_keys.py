"""Keys, on SQLite and PostgreSQL: shown once, kept as a digest, rotated with overlap, revoked."""

from datetime import timedelta
from time import time

import pytest
import sqlalchemy as sa

from serving.access.caller import Caller
from serving.access.keys import all_keys, create_key, find_key, parts, revoke_key, rotate_key
from serving.store.access import KEYS, PEOPLE
from serving.store.store import Store

HOUR = timedelta(hours=1)


@pytest.fixture
def store(real_store: Store) -> Store:
    return real_store


def opens(store: Store, key: str) -> bool:
    found = parts(key.encode())
    assert found is not None
    kept = find_key(store, found[0])
    return kept is not None and kept.opens_with(found[1]) and kept.ends > time()


def test_a_key_opens_and_another_secret_does_not(store: Store) -> None:
    key = create_key(store, "erp", "engine", permissions=("decide",), rate="5/second")
    assert opens(store, key)
    assert not opens(store, key[:-1] + ("A" if key[-1] != "A" else "B"))
    kept = find_key(store, key.split("_")[1])
    assert kept is not None
    assert kept.caller == Caller("erp", "engine", "key", frozenset({"decide"}))
    assert (kept.rate, kept.loopback_only, kept.ends) == ("5/second", False, float("inf"))


def test_nothing_kept_holds_the_secret(store: Store) -> None:
    key = create_key(store, "erp", "engine")
    secret = key.split("_", 2)[2]
    assert len(secret) == 43  # 256 bits
    with store.reading() as connection:
        kept = repr(connection.execute(sa.select(KEYS)).all())
    assert secret not in kept
    assert "digest" not in all_keys(store)[0]


def test_a_rotated_key_overlaps_with_the_new_one(store: Store) -> None:
    old = create_key(store, "erp", "engine", permissions=("read",), loopback_only=True)
    new = rotate_key(store, "erp", HOUR)
    assert opens(store, old)
    assert opens(store, new)
    ends = find_key(store, old.split("_")[1]).ends
    assert ends == pytest.approx(time() + 3600, abs=5)
    renewed = find_key(store, new.split("_")[1])
    assert renewed.caller.scope == {"read"}
    assert renewed.loopback_only
    newest = rotate_key(store, "erp", timedelta(0))
    assert [opens(store, key) for key in (old, new, newest)] == [False, False, True]


def test_a_rotation_never_prolongs_a_key(store: Store) -> None:
    old = create_key(store, "erp", "engine", expires_in=HOUR)
    before = find_key(store, old.split("_")[1]).ends
    rotate_key(store, "erp", timedelta(days=1))
    assert find_key(store, old.split("_")[1]).ends == before


def test_keys_expire_and_are_revoked(store: Store) -> None:
    assert not opens(store, create_key(store, "short", "engine", expires_in=timedelta(0)))
    key = create_key(store, "erp", "engine")
    assert revoke_key(store, "erp") == 1
    assert not opens(store, key)
    by_id = create_key(store, "erp", "engine")  # the name is free again
    revoke_key(store, by_id.split("_")[1])
    for action in (revoke_key, lambda *name: rotate_key(*name, HOUR)):
        with pytest.raises(KeyError, match="no key 'erp' is in force"):
            action(store, "erp")
    assert [row["name"] for row in all_keys(store)] == ["erp", "erp", "short"]


def test_names_say_who_it_was(store: Store) -> None:
    create_key(store, "erp", "engine")
    with store.writing() as connection:
        person = {"role": "viewer", "epoch": 0, "loopback_only": False, "failures": 0}
        connection.execute(sa.insert(PEOPLE).values(name="alice", created_at="x", **person))
    for name, said in (
        ("erp", "is in force"),
        ("alice", "a person's name"),
        ("E R P", "use up to"),
    ):
        with pytest.raises(ValueError, match=said):
            create_key(store, name, "engine")


@pytest.mark.parametrize(
    "sent",
    [b"", b"x", b"encours_", b"encours_ab", b"encours_ab_", b"other_ab_cd", b"\xff_\xff_\xff"],
)
def test_what_is_no_key_is_none(sent: bytes) -> None:
    assert parts(sent) is None
