"""A route of the API: it refuses query parameters that it does not know, or that are sent twice,
rather than do as if they had not been. One that asks for nothing but the request is called at once:
FastAPI would look on every request for what else it might want."""

from collections.abc import Callable, Coroutine, Sequence, Set
from difflib import get_close_matches
from inspect import iscoroutinefunction, signature
from typing import Any, cast, get_args, get_origin

from fastapi import Request
from fastapi._compat import ModelField
from fastapi.responses import Response
from fastapi.routing import APIRoute

from serving.access.door import Needs
from serving.problems import FieldError, Problem, shown

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """What routers of the API make of their routes (`route_class`)."""

    def get_route_handler(self) -> Handler:
        """The handler, behind a look at the query."""
        handle = self._direct() if self._asks_for_the_request_alone else super().get_route_handler()
        parameters = self.dependant.query_params
        known = sorted(parameter.alias for parameter in parameters)
        lists = {parameter.alias for parameter in parameters if _is_list(parameter)}

        async def look(request: Request) -> Response:
            if request.scope["query_string"]:
                _look(request.query_params.multi_items(), known, lists)
            return await handle(request)

        return look

    @property
    def _asks_for_the_request_alone(self) -> bool:
        asked = signature(self.endpoint)
        alone = list(asked.parameters) == ["request"] and asked.return_annotation is Response
        doors = all(isinstance(one.call, Needs) for one in self.dependant.dependencies)
        return alone and doors and iscoroutinefunction(self.endpoint)

    def _direct(self) -> Handler:
        """Let the caller in, then answer."""
        doors = [cast(Needs, one.call) for one in self.dependant.dependencies]
        endpoint: Handler = self.endpoint

        async def handle(request: Request) -> Response:
            for door in doors:
                await door(request)
            return await endpoint(request)

        return handle


def _is_list(parameter: ModelField) -> bool:
    """Whether a parameter may be sent several times."""
    annotation = parameter.field_info.annotation
    return any(get_origin(one) is list for one in (annotation, *get_args(annotation)))


def _look(sent: Sequence[tuple[str, str]], known: Sequence[str], lists: Set[str]) -> None:
    """Raise Problem naming each parameter that is not `known`, or came before and is no list."""
    errors, before = [], set()
    for name, value in sent:
        if name not in known:
            errors.append(FieldError(shown(name), shown(value), _remedy(name, known)))
        elif name in before and name not in lists:
            errors.append(FieldError(shown(name), shown(value), "came before; send it once"))
        before.add(name)
    if errors:
        raise Problem("invalid-request", f"{errors[0].field}: {errors[0].remedy}", errors)


def _remedy(name: str, known: Sequence[str]) -> str:
    if not known:
        return "is unknown; this operation takes no query parameters"
    near = get_close_matches(name, known, 1)
    meant = f", perhaps {near[0]}" if near else ""
    return f"is unknown{meant}; this operation takes {', '.join(known)}"
