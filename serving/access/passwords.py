"""Passwords: argon2id, one at a time, and a wait after wrong ones that says nothing of who exists.

An unknown name, a closed account, a wrong password and a right one that comes too soon are answered
alike, after the same work.
"""

from datetime import UTC, datetime, timedelta
from functools import cache
from threading import Lock

import sqlalchemy as sa
from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from serving.access.caller import NAME
from serving.store.access import PEOPLE
from serving.store.store import Store

SHORTEST, LONGEST = 12, 256  # characters
FREE_FAILURES = 5
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)

_hasher = PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)  # 64 MiB, three passes
_turn = Lock()  # 64 MiB each: many who sign in at once queue


def check_strength(password: str, name: str) -> str:
    """`password`, where it will do. Raises ValueError, without the password in it."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise ValueError(f"use a password of {SHORTEST} to {LONGEST} characters")
    if name.lower() in password.lower() or len(set(password)) < 6:
        raise ValueError("use a password without the name, of at least six different characters")
    return password


def hashed(password: str) -> str:
    """The password's argon2id hash, with its salt and cost."""
    with _turn:
        return _hasher.hash(password)


def has_password(store: Store, name: str) -> bool:
    """Whether `name` signs in here."""
    query = sa.select(PEOPLE.c.password).where(PEOPLE.c.name == name)
    with store.reading() as connection:
        return connection.execute(query).scalar() is not None


def right_password(store: Store, name: str, password: str) -> bool:
    """Whether `name` may sign in with `password` now; a wrong one is counted."""
    now = datetime.now(UTC)
    name = name if NAME.fullmatch(name) else ""  # what can be no name is nobody's
    query = sa.select(PEOPLE.c.password, PEOPLE.c.locked_until, PEOPLE.c.disabled_at)
    with store.reading() as connection:
        row = connection.execute(query.where(PEOPLE.c.name == name)).first()
    known = row is not None and row.password is not None
    fits = _verify(row.password if row is not None and known else _nobodys(), password)
    if row is None or not known or row.disabled_at:
        return False
    if row.locked_until and datetime.fromisoformat(row.locked_until) > now:
        return False
    _count(store, name, fits, now)
    return fits


def wait_after(failures: int) -> timedelta:
    """How long an account is locked after so many wrong passwords in a row.

    >>> [wait_after(failures).seconds for failures in (4, 5, 6, 9, 10, 1000)]
    [0, 30, 60, 480, 900, 900]
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    return min(FIRST_WAIT * 2 ** min(failures - FREE_FAILURES, 20), LONGEST_WAIT)


def _count(store: Store, name: str, fits: bool, now: datetime) -> None:
    mine = sa.update(PEOPLE).where(PEOPLE.c.name == name)
    with store.writing() as connection:
        if fits:
            connection.execute(mine.values(failures=0, locked_until=None))
            return
        failed = mine.values(failures=PEOPLE.c.failures + 1).returning(PEOPLE.c.failures)
        wait = wait_after(connection.execute(failed).scalar_one())
        if wait:
            until = (now + wait).isoformat(timespec="microseconds")
            connection.execute(mine.values(locked_until=until))


def _verify(digest: str, password: str) -> bool:
    try:
        with _turn:
            return _hasher.verify(digest, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    """A hash that costs what any other does, and that no password of an account has."""
    return _hasher.hash("nobody's password")
