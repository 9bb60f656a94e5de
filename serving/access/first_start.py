"""The first credentials of a store: generated, told once, good on this machine only."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from serving.access.keys import create_key, revoke_key
from serving.access.peer import is_loopback
from serving.access.people import add_person, enable, generated_password, set_password
from serving.environment import setting
from serving.store.access import KEYS, PEOPLE
from serving.store.store import Store

DEMO = "demo"


@dataclass(frozen=True)
class Credentials:
    """What opens the door of a new store, to a machine and to a person."""

    key: str
    name: str
    password: str

    def told(self, address: str) -> str:
        """What to do with them, for a person at a terminal."""
        return (
            f"key         {self.key}\n"
            f"workbench   {address}/   sign in as {self.name}, password {self.password}\n"
            "Both are shown once and work on this machine only; others need `encours key create` "
            "and `encours user add`."
        )


def first_credentials(store: Store, host: str) -> Credentials | None:
    """Credentials where the store has none and only this machine can ask; None where it has some.

    Raises ValueError where others could ask at `host`, and the store lets none of them in.
    """
    inside, outside = _usable(store)
    if is_loopback(host):
        return None if inside else demo_credentials(store)
    if not outside and not setting("ENCOURS_OIDC_ISSUER"):
        raise ValueError(
            f"nobody could use the service at {host}: the store has no key and no account. Make "
            "some first: `encours key create limit-engine --role engine`, `encours user add alice "
            "--role risk-admin`"
        )
    return None


def demo_credentials(store: Store) -> Credentials:
    """New credentials of the demo, in place of those of an earlier one."""
    with suppress(KeyError):
        revoke_key(store, DEMO)
    key = create_key(store, DEMO, "engine", loopback_only=True)
    visitor, password = f"{DEMO}-admin", generated_password()
    try:
        set_password(store, visitor, password)
        enable(store, visitor)
    except KeyError:
        add_person(store, visitor, "risk-admin", password=password, loopback_only=True)
    return Credentials(key, visitor, password)


def _usable(store: Store) -> tuple[bool, bool]:
    """Whether anybody on this machine has a way in, and whether anybody elsewhere has."""
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    running = sa.func.coalesce(KEYS.c.expires_at, "9999") > now
    keys = sa.select(KEYS.c.loopback_only).where(KEYS.c.revoked_at.is_(None), running)
    people = sa.select(PEOPLE.c.loopback_only).where(PEOPLE.c.disabled_at.is_(None))
    with store.reading() as connection:
        found = [row.loopback_only for query in (keys, people) for row in connection.execute(query)]
    return bool(found), not all(found)
