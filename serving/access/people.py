"""Accounts of people: who signs in here with a password, or elsewhere through OpenID Connect."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from serving.access.caller import Caller, check_name, check_role
from serving.access.passwords import check_strength, hashed
from serving.store.access import KEYS, PEOPLE
from serving.store.store import Store

UNSEEN = ("password", "epoch", "subject", "failures")


@dataclass(frozen=True)
class Person:
    """What the door needs of an account; a session of an earlier `epoch` is over."""

    caller: Caller
    epoch: int
    loopback_only: bool
    disabled: bool


def add_person(
    store: Store,
    name: str,
    role: str,
    *,
    password: str | None = None,
    subject: str | None = None,
    loopback_only: bool = False,
) -> None:
    """A new account. Raises ValueError where the name is taken or the password is weak."""
    row = {
        "name": check_name(name),
        "role": check_role(role),
        "password": None if password is None else hashed(check_strength(password, name)),
        "subject": subject,
        "epoch": 0,
        "loopback_only": loopback_only,
        "failures": 0,
        "created_at": datetime.now(UTC).isoformat(timespec="microseconds"),
    }
    with store.writing() as connection:
        for column, whose in ((PEOPLE.c.name, "a person's"), (KEYS.c.name, "a key's")):
            if connection.execute(sa.select(column).where(column == name)).first():
                raise ValueError(f"{name!r} is {whose} name already: choose another")
        connection.execute(sa.insert(PEOPLE).values(row))


def set_role(store: Store, name: str, role: str) -> None:
    """Give an account another role, at once in its open sessions. KeyError where there is none."""
    _change(store, name, role=check_role(role))


def set_password(store: Store, name: str, password: str) -> None:
    """Another password; open sessions end, a locked account opens. KeyError, ValueError."""
    digest = hashed(check_strength(password, name))
    _change(store, name, password=digest, epoch=PEOPLE.c.epoch + 1, failures=0, locked_until=None)


def disable(store: Store, name: str) -> None:
    """Close an account and end its sessions; its name stays in the records. KeyError."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    _change(store, name, disabled_at=now, epoch=PEOPLE.c.epoch + 1)


def enable(store: Store, name: str) -> None:
    """Open a closed account again. KeyError where there is none."""
    _change(store, name, disabled_at=None)


def end_sessions(store: Store, name: str) -> None:
    """Sign a person out, wherever signed in. KeyError where there is none."""
    _change(store, name, epoch=PEOPLE.c.epoch + 1)


def all_people(store: Store) -> list[dict[str, Any]]:
    """Every account, by name, without what is secret; `signs_in` says where."""
    signs_in = sa.case((PEOPLE.c.password.is_not(None), "here"), else_="OpenID Connect")
    shown = [column for column in PEOPLE.c if column.name not in UNSEEN]
    query = sa.select(*shown, signs_in.label("signs_in")).order_by(PEOPLE.c.name)
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def find_person(store: Store, name: str) -> Person | None:
    """The account of that name, disabled or not."""
    with store.reading() as connection:
        row = connection.execute(sa.select(PEOPLE).where(PEOPLE.c.name == name)).first()
    if row is None:
        return None
    caller = Caller(row.name, row.role, "person")
    return Person(caller, row.epoch, row.loopback_only, row.disabled_at is not None)


def from_elsewhere(store: Store, subject: str, name: str, role: str) -> Person:
    """The account of someone whom an issuer vouches for, made or brought up to date.

    `subject` is issuer and subject: a name that changes there keeps its account here. Raises
    ValueError where the name belongs to another account: nobody takes over a local one.
    """
    with store.reading() as connection:
        known = connection.execute(sa.select(PEOPLE.c.name).where(PEOPLE.c.subject == subject))
        kept = known.scalar()
    if kept is None:
        add_person(store, name, role, subject=subject)
    else:
        set_role(store, kept, role)
    person = find_person(store, kept or name)
    assert person is not None
    return person


def generated_password() -> str:
    """A password of 96 random bits, to be shown once."""
    return secrets.token_urlsafe(12)


def _change(store: Store, name: str, **values: Any) -> None:
    with store.writing() as connection:
        done = connection.execute(sa.update(PEOPLE).where(PEOPLE.c.name == name).values(**values))
    if not done.rowcount:
        raise KeyError(f"no account {name!r}: see `encours user list`")
