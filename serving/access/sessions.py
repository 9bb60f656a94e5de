"""Sessions of people: a signed cookie, nothing in memory, so any worker or replica may answer.

The cookie names the person, the epoch of the account and when the session began. It is over after
an hour without a page, after twelve hours in any case, and as soon as the account's epoch moves.
The secret that signs it is given by the deployment, else made once and kept in the store.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

from serving.environment import setting
from serving.store.access import SECRETS
from serving.store.store import Store

COOKIE = "encours_session"
IDLE = 3600  # seconds
LONGEST = 12 * 3600
RENEWED = 300  # a page renews a cookie older than that
OURS = "sessions"  # what the secret is called in the store
SHORTEST = 32  # characters of a secret


@dataclass(frozen=True)
class Session:
    """One sign-in. `token` comes back with every write, which proves that our page sent it."""

    name: str
    epoch: int
    began: int  # seconds since 1970, UTC
    token: str
    stale: bool = False


class Sessions:
    """Signs and reads cookies; whoever holds `secret` reads them alike."""

    def __init__(self, secret: bytes) -> None:
        self._sign = URLSafeTimedSerializer(secret, salt="encours.session")
        self._sign_state = URLSafeTimedSerializer(secret, salt="encours.openid")

    def begin(self, name: str, epoch: int) -> Session:
        """A new session."""
        return Session(name, epoch, int(_now()), secrets.token_urlsafe(24))

    def keep(self, response: Response, request: HTTPConnection, session: Session) -> None:
        """Put a session into the cookie of `response`, signed now."""
        content = self._sign.dumps([session.name, session.epoch, session.began, session.token])
        response.set_cookie(
            COOKIE,
            str(content),
            max_age=LONGEST,
            httponly=True,
            samesite="lax",  # strict would lose it on the way back from an OpenID provider
            secure=request.url.scheme == "https",
        )

    def read(self, cookie: str) -> Session | None:
        """The session of a cookie; None where it is altered, idle or too old."""
        try:
            content, signed = self._sign.loads(cookie, max_age=IDLE, return_timestamp=True)
        except BadData:
            return None
        name, epoch, began, token = content
        if _now() - began > LONGEST:
            return None
        return Session(name, epoch, began, token, _now() - signed.timestamp() > RENEWED)

    def sign_state(self, state: dict[str, Any]) -> str:
        """What a sign-in elsewhere must bring back, for a cookie."""
        return str(self._sign_state.dumps(state))

    def read_state(self, cookie: str, longest: int) -> dict[str, Any]:
        """What `sign_state` signed at most `longest` seconds ago; else nothing."""
        try:
            return dict(self._sign_state.loads(cookie, max_age=longest))
        except BadData:
            return {}


def session_secret(store: Store) -> bytes:
    """The secret all workers and replicas share. Raises ValueError where the given one is short."""
    if given := setting("ENCOURS_SECRET"):
        if len(given) < SHORTEST:
            raise ValueError(
                f"ENCOURS_SECRET is shorter than {SHORTEST} characters: make one with "
                "`openssl rand -hex 32`, or leave it out"
            )
        return given.encode()
    with store.reading() as connection:
        if kept := _kept(connection):
            return kept
    with store.writing() as connection:
        if kept := _kept(connection):  # another worker was faster
            return kept
        made = secrets.token_bytes(32)
        connection.execute(sa.insert(SECRETS).values(name=OURS, value=made))
        return made


def _kept(connection: sa.Connection) -> bytes | None:
    return connection.execute(sa.select(SECRETS.c.value).where(SECRETS.c.name == OURS)).scalar()


def _now() -> float:
    return datetime.now(UTC).timestamp()
