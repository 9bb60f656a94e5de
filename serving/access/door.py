"""The door of the service: who asks, whether it may, whether it asks too often.

A route says what it needs, and gets the caller where it wants one:

    @router.get("/v1/models", dependencies=[needs("read")])
    async def decide(request: Request, caller: Caller = needs("decide")) -> Response: ...

A machine shows a key, a person the cookie of a session. Whoever comes in stands in
`request.state.caller`; a person's pages carry `request.state.csrf_token`, and writes bring it back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from time import time
from typing import Any, NamedTuple

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security.base import SecurityBase
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.routing import BaseRoute

from serving.access.caller import PERMISSIONS, ROLES, Caller
from serving.access.keys import Key, find_key, parts
from serving.access.peer import from_loopback
from serving.access.people import Person, find_person
from serving.access.rates import DEFAULT_RATES, Rates
from serving.access.recent import Recent
from serving.access.sessions import COOKIE, Session, Sessions, session_secret
from serving.problems import Problem, store_unavailable
from serving.store.store import Store

# What needs no caller: health, metrics, documentation, the pages' files and look, signing in.
PUBLIC = frozenset(
    {
        *("/livez", "/readyz", "/metrics", "/docs", "/openapi.json", "/static", "/preferences"),
        *("/sign-in", "/sign-in/openid", "/sign-in/openid/back"),
    }
)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
HOW = "send a key as `Authorization: Bearer encours_…` (`encours key create` makes one)"

__all__ = ["PUBLIC", "Caller", "Door", "Needs", "greets", "needed", "needs", "undeclared"]


@dataclass(frozen=True)
class Needs(SecurityBase):
    """A dependency that lets in who holds `permission`, and gives the caller."""

    permission: str
    model = HTTPBearer(description="A key that `encours key create` made.")
    scheme_name = "key"

    async def __call__(self, request: Request) -> Caller:
        """The caller. Raises Problem."""
        door: Door = request.app.state.door
        return await door.admit(request, self.permission)


def needs(permission: str) -> Any:
    """What a route declares: the permission its caller must hold."""
    if permission not in PERMISSIONS:
        raise ValueError(f"permission {permission!r} is none of {', '.join(PERMISSIONS)}")
    return Depends(Needs(permission))


def greets() -> Any:
    """What a public page declares: it needs nobody, and names its reader where there is one."""
    return Depends(_greet)


def needed(routes: Sequence[BaseRoute]) -> Iterator[tuple[RouteContext, str | None]]:
    """Every route with the permission it declares."""
    for route in iter_route_contexts(routes):
        dependant = getattr(route.original_route, "dependant", None)
        calls = [one.call for one in dependant.dependencies] if dependant else []
        yield route, next((call.permission for call in calls if isinstance(call, Needs)), None)


def undeclared(routes: Sequence[BaseRoute]) -> list[str]:
    """Addresses of the routes that are neither public nor say what they need."""
    paths = [str(route.path) for route, permission in needed(routes) if permission is None]
    return [path for path in paths if path not in PUBLIC]


class Known(NamedTuple):
    """Someone whom the door knows, how often it may ask, and the session of a person."""

    caller: Caller
    rate: str
    session: Session | None = None


class Door:
    """Lets callers in, by what `store` knows of them; one of `workers` doors of the service."""

    def __init__(self, store: Store, workers: int = 1) -> None:
        self.store = store
        self.sessions = Sessions(session_secret(store))
        self.rates = Rates(workers)
        self._keys: Recent[Key] = Recent(lambda key_id: find_key(store, key_id))
        self._people: Recent[Person] = Recent(lambda name: find_person(store, name))

    async def admit(self, request: Request, permission: str) -> Caller:
        """The caller, where it may. Raises Problem: unauthenticated, rate-limited, forbidden,
        unproven."""
        known = await self.known(request)
        if known is None:
            raise _unauthenticated(HOW)
        caller, session = known.caller, known.session
        if seconds := self.rates.wait(caller.kind, caller.name, known.rate):
            raise Problem(
                "rate-limited",
                f"{caller.name} asked more often than {known.rate}; ask again in {seconds} s",
                headers={"Retry-After": str(seconds)},
            )
        _introduce(request, known)
        if not caller.may(permission):
            held = ", ".join(sorted(caller.scope or ROLES[caller.role]))
            raise Problem(
                "forbidden",
                f"this needs the permission {permission!r} ({PERMISSIONS[permission]}); "
                f"{caller.name}, {caller.role}, has {held}",
            )
        if session and request.method not in SAFE and not await _proven(request, session.token):
            raise Problem("unproven", "no token of this session came along, or a wrong one")
        return caller

    async def greet(self, request: Request) -> None:
        """Note who reads a page that needs nobody."""
        try:
            known = await self.known(request)
        except Problem:
            return
        if known:
            _introduce(request, known)

    async def known(self, connection: HTTPConnection) -> Known | None:
        """Who shows a key, else who has a session; None for who shows neither. Raises Problem."""
        try:
            if key := _key_sent(connection):
                return await self._by_key(connection, key)
            if cookie := connection.cookies.get(COOKIE):
                return await self._by_session(connection, cookie)
        except SQLAlchemyError as error:
            raise store_unavailable("who asks could not be looked up") from error
        return None

    def forget(self, name: str) -> None:
        """Look a person up anew: something changed."""
        self._people.forget(name)

    def renew(self, request: Request, response: Response) -> None:
        """Keep alive the session of whoever reads this page."""
        session: Session | None = getattr(request.state, "session", None)
        if session and session.stale:
            self.sessions.keep(response, request, session)

    async def _by_key(self, connection: HTTPConnection, given: bytes) -> Known:
        found = parts(given)
        key = await self._keys.get(found[0]) if found else None
        if found is None or key is None or not key.opens_with(found[1]):
            raise _unauthenticated(f"this key is unknown: {HOW}")
        if key.ends <= time():
            raise _unauthenticated(f"this key has expired or was revoked: {HOW}")
        if key.loopback_only and not from_loopback(connection):
            raise _unauthenticated(f"this key works only on the machine that serves: {HOW}")
        return Known(key.caller, key.rate or DEFAULT_RATES["key"])

    async def _by_session(self, connection: HTTPConnection, cookie: str) -> Known | None:
        session = self.sessions.read(cookie)
        if session is None:
            return None
        person = await self._people.get(session.name)
        if person and person.epoch < session.epoch:  # signed in after we looked
            self._people.forget(session.name)
            person = await self._people.get(session.name)
        if person is None or person.disabled or person.epoch != session.epoch:
            return None
        if person.loopback_only and not from_loopback(connection):
            return None
        return Known(person.caller, DEFAULT_RATES["person"], session)


async def _greet(request: Request) -> None:
    await request.app.state.door.greet(request)


def _introduce(request: Request, known: Known) -> None:
    request.state.caller, request.state.session = known.caller, known.session
    request.state.csrf_token = known.session.token if known.session else ""


async def _proven(request: Request, token: str) -> bool:
    """Whether a write brings its session's token, in a header or in a field of its form."""
    sent = request.headers.get("x-csrf-token")
    page = not request.scope["route"].include_in_schema  # the API reads its bodies itself
    if sent is None and page and request.headers.get("content-type", "").startswith(FORMS):
        sent = (await request.form()).get("csrf_token")  # type: ignore[assignment]
    return isinstance(sent, str) and compare_digest(sent.encode(), token.encode())


def _key_sent(connection: HTTPConnection) -> bytes | None:
    for name, value in connection.scope["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return bytes(value[7:]).strip()
        if name == b"x-api-key":
            return bytes(value)
    return None


def _unauthenticated(detail: str) -> Problem:
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": "Bearer"})
