"""Keys of machines: 256 random bits, shown once, kept as a digest.

A key reads `encours_ID_SECRET`. The id finds its row; the secret is compared in constant time with
its SHA-256. Enough for 256 random bits: there is nothing to guess, so nothing to slow down.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

import sqlalchemy as sa

from serving.access.caller import Caller, check_name, check_role, scope_of
from serving.access.rates import check_rate
from serving.store.access import KEYS, PEOPLE
from serving.store.store import Store

MARK = "encours_"


@dataclass(frozen=True)
class Key:
    """What the door needs of a key's row; times in seconds since 1970, UTC."""

    caller: Caller
    digest: bytes
    rate: str | None
    loopback_only: bool
    ends: float  # whichever comes first of expiry and revocation; infinite where neither does

    def opens_with(self, secret: bytes) -> bool:
        """Whether the secret is this key's, in constant time."""
        return compare_digest(self.digest, sha256(secret).digest())


def parts(key: bytes) -> tuple[str, bytes] | None:
    """Id and secret of a key as sent; None where it is none of ours.

    >>> parts(b"encours_0a1b2c_s3cr_et")
    ('0a1b2c', b's3cr_et')
    """
    mark, _, rest = key.partition(b"_")
    key_id, _, secret = rest.partition(b"_")
    if mark != b"encours" or not key_id.isalnum() or not secret:
        return None
    return key_id.decode(), secret


def create_key(
    store: Store,
    name: str,
    role: str,
    *,
    permissions: tuple[str, ...] = (),
    rate: str | None = None,
    expires_in: timedelta | None = None,
    loopback_only: bool = False,
) -> str:
    """A new key, which nobody can be shown again. Raises ValueError where the name is taken."""
    now = datetime.now(UTC)
    row = {
        "name": check_name(name),
        "role": check_role(role),
        "permissions": scope_of(role, list(permissions)),
        "rate": check_rate(rate) if rate else None,
        "loopback_only": loopback_only,
        "expires_at": None if expires_in is None else _text(now + expires_in),
    }
    with store.writing() as connection:
        if _in_force(connection, name, now):
            raise ValueError(f"a key {name!r} is in force: rotate or revoke it, or choose a name")
        person = sa.select(PEOPLE.c.name).where(PEOPLE.c.name == name)
        if connection.execute(person).first():
            raise ValueError(f"{name!r} is a person's name: choose another for the key")
        return _insert(connection, row, now)


def rotate_key(store: Store, name: str, overlap: timedelta) -> str:
    """A new key in place of `name`'s, which goes on for `overlap`. KeyError where there is none."""
    now = datetime.now(UTC)
    with store.writing() as connection:
        old = _in_force(connection, name, now)
        if not old:
            raise KeyError(f"no key {name!r} is in force: see `encours key list`")
        end = _text(now + overlap)
        for row in old:
            sooner = min(end, row["expires_at"] or end)
            change = sa.update(KEYS).where(KEYS.c.key_id == row["key_id"])
            connection.execute(change.values(expires_at=sooner))
        kept = ("name", "role", "permissions", "rate", "loopback_only")
        latest = max(old, key=lambda row: row["created_at"])
        return _insert(connection, {column: latest[column] for column in kept}, now)


def revoke_key(store: Store, name: str) -> int:
    """Revoke every key of that name or id; how many. KeyError where there is none in force."""
    now = _text(datetime.now(UTC))
    which = sa.or_(KEYS.c.name == name, KEYS.c.key_id == name)
    with store.writing() as connection:
        done = connection.execute(
            sa.update(KEYS).where(which, KEYS.c.revoked_at.is_(None)).values(revoked_at=now)
        )
    if not done.rowcount:
        raise KeyError(f"no key {name!r} is in force: see `encours key list`")
    return int(done.rowcount)


def all_keys(store: Store) -> list[dict[str, Any]]:
    """Every key there ever was, newest first, without its digest."""
    shown = [column for column in KEYS.c if column.name != "digest"]
    with store.reading() as connection:
        rows = connection.execute(sa.select(*shown).order_by(KEYS.c.created_at.desc()))
        return [dict(row) for row in rows.mappings()]


def find_key(store: Store, key_id: str) -> Key | None:
    """The key of that id, whether in force or not."""
    with store.reading() as connection:
        row = connection.execute(sa.select(KEYS).where(KEYS.c.key_id == key_id)).first()
    if row is None:
        return None
    scope = frozenset(row.permissions.split()) if row.permissions else None
    ends = min((_seconds(end) for end in (row.expires_at, row.revoked_at) if end), default=None)
    return Key(
        Caller(row.name, row.role, "key", scope),
        row.digest,
        row.rate,
        row.loopback_only,
        float("inf") if ends is None else ends,
    )


def _insert(connection: sa.Connection, row: dict[str, Any], now: datetime) -> str:
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    digest = sha256(secret.encode()).digest()
    made = {"key_id": key_id, "digest": digest, "created_at": _text(now)}
    connection.execute(sa.insert(KEYS).values(**row, **made))
    return f"{MARK}{key_id}_{secret}"


def _in_force(connection: sa.Connection, name: str, now: datetime) -> list[sa.RowMapping]:
    ended = sa.func.coalesce(KEYS.c.expires_at, "9999") <= _text(now)
    query = sa.select(KEYS).where(KEYS.c.name == name, KEYS.c.revoked_at.is_(None), ~ended)
    return list(connection.execute(query).mappings())


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
