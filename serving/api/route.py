"""A route of the API: it refuses query parameters that it does not know, rather than do as if they
had not been sent."""

from collections.abc import Callable, Coroutine
from difflib import get_close_matches
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute

from serving.problems import FieldError, Problem, shown

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """What routers of the API make of their routes (`route_class`)."""

    def get_route_handler(self) -> Handler:
        """The handler, behind a look at the query."""
        handle = super().get_route_handler()
        known = sorted(parameter.alias for parameter in self.dependant.query_params)

        async def look(request: Request) -> Response:
            if request.scope["query_string"]:
                _refuse_unknown(request, known)
            return await handle(request)

        return look


def _refuse_unknown(request: Request, known: list[str]) -> None:
    """Raise Problem naming each parameter that is not `known`, and those that are."""
    errors = [
        FieldError(shown(name), shown(value), _remedy(name, known))
        for name, value in request.query_params.multi_items()
        if name not in known
    ]
    if errors:
        raise Problem("invalid-request", f"{errors[0].field}: {errors[0].remedy}", errors)


def _remedy(name: str, known: list[str]) -> str:
    if not known:
        return "is unknown; this operation takes no query parameters"
    near = get_close_matches(name, known, 1)
    meant = f", perhaps {near[0]}" if near else ""
    return f"is unknown{meant}; this operation takes {', '.join(known)}"
