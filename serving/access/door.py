"""The door of the service: who asks, whether it may, whether it asks too often.

A route says what it needs, and gets the caller where it wants one:

    @router.get("/v1/models", dependencies=[needs("read")])
    async def decide(request: Request, caller: Caller = needs("decide")) -> Response: ...
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from time import time
from typing import Any

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security.base import SecurityBase
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute

from serving.access.caller import Caller
from serving.access.keys import Key, find_key, parts
from serving.access.rates import DEFAULT_RATES, Rates
from serving.access.recent import Recent
from serving.access.roles import PERMISSIONS, ROLES
from serving.problems import Problem
from serving.store.store import Store

# What needs no caller: health, metrics, documentation, the pages' files and look.
PUBLIC = frozenset(
    {"/livez", "/readyz", "/metrics", "/docs", "/openapi.json", "/static", "/preferences"}
)
FORWARDED = {b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via"}
HOW = "send a key as `Authorization: Bearer encours_…` (`encours key create` makes one)"

__all__ = ["PUBLIC", "Caller", "Door", "Needs", "needs", "undeclared"]


@dataclass(frozen=True)
class Needs(SecurityBase):
    """A dependency that lets in who holds `permission`, and gives the caller."""

    permission: str
    model = HTTPBearer(description="A key that `encours key create` made.")
    scheme_name = "key"

    async def __call__(self, request: Request) -> Caller:
        """The caller, who also stands in `request.state.caller`. Raises Problem."""
        caller: Caller = await request.app.state.door.admit(request, self.permission)
        request.state.caller = caller
        return caller


def needs(permission: str) -> Any:
    """What a route declares: the permission its caller must hold."""
    if permission not in PERMISSIONS:
        raise ValueError(f"permission {permission!r} is none of {', '.join(PERMISSIONS)}")
    return Depends(Needs(permission))


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


class Door:
    """Lets callers in, by what `store` knows of them; one of `workers` doors of the service."""

    def __init__(self, store: Store, workers: int = 1) -> None:
        self._keys: Recent[Key] = Recent(lambda key_id: find_key(store, key_id))
        self._rates = Rates(workers)

    async def admit(self, connection: HTTPConnection, permission: str) -> Caller:
        """The caller, where it may. Raises Problem: unauthenticated, forbidden, rate-limited."""
        caller, rate = await self._known(connection)
        if seconds := self._rates.wait(caller.kind, caller.name, rate):
            raise Problem(
                "rate-limited",
                f"{caller.name} asked more often than {rate}; ask again in {seconds} s",
                headers={"Retry-After": str(seconds)},
            )
        if not caller.may(permission):
            held = ", ".join(sorted(caller.scope or ROLES[caller.role]))
            raise Problem(
                "forbidden",
                f"this needs the permission {permission!r} ({PERMISSIONS[permission]}); "
                f"{caller.name}, {caller.role}, has {held}",
            )
        return caller

    async def _known(self, connection: HTTPConnection) -> tuple[Caller, str]:
        given = _key_sent(connection)
        if given is None:
            raise _unauthenticated(HOW)
        found = parts(given)
        try:
            key = await self._keys.get(found[0]) if found else None
        except SQLAlchemyError as error:
            raise Problem(
                "store-unavailable", "the key could not be looked up", headers={"Retry-After": "5"}
            ) from error
        if found is None or key is None or not key.opens_with(found[1]):
            raise _unauthenticated(f"this key is unknown: {HOW}")
        if key.ends <= time():
            raise _unauthenticated(f"this key has expired or was revoked: {HOW}")
        if key.loopback_only and not from_loopback(connection):
            raise _unauthenticated("this key works only on the machine that serves: " + HOW)
        return key.caller, key.rate or DEFAULT_RATES["key"]


def from_loopback(connection: HTTPConnection) -> bool:
    """Whether the peer is this machine, and speaks for nobody else (a proxy would say so)."""
    if connection.client is None or any(name in FORWARDED for name, _ in connection.headers.raw):
        return False
    try:
        address = ip_address(connection.client.host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _key_sent(connection: HTTPConnection) -> bytes | None:
    for name, value in connection.scope["headers"]:
        if name == b"authorization" and value[:7].lower() == b"bearer ":
            return bytes(value[7:]).strip()
        if name == b"x-api-key":
            return bytes(value)
    return None


def _unauthenticated(detail: str) -> Problem:
    return Problem("unauthenticated", detail, headers={"WWW-Authenticate": "Bearer"})
