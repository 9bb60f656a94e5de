"""A route of the API: it refuses query parameters that it does not know, or that are sent twice,
rather than do as if they had not been."""

from collections.abc import Callable, Coroutine, Sequence, Set
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi._compat import ModelField
from fastapi.responses import Response
from fastapi.routing import APIRoute

from serving.problems import FieldError, Problem, shown

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ApiRoute(APIRoute):
    """What routers of the API make of their routes (`route_class`)."""

    def get_route_handler(self) -> Handler:
        """The handler, behind a look at the query."""
        handle = super().get_route_handler()
        parameters = self.dependant.query_params
        known = sorted(parameter.alias for parameter in parameters)
        lists = {parameter.alias for parameter in parameters if _is_list(parameter)}

        async def look(request: Request) -> Response:
            if request.scope["query_string"]:
                _look(request.query_params.multi_items(), known, lists)
            return await handle(request)

        return look


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
