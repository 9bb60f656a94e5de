"""Every error as a problem document; for a browser, as a page."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from serving.problems import Problem, of_faults, store_unavailable
from serving.workbench.frame import for_person, problem_page


def handle_errors(app: FastAPI) -> None:
    """Answer whatever goes wrong in `app` with a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _parameters)
    for error in (OperationalError, InterfaceError, TimeoutError):
        app.add_exception_handler(error, _store)
    app.add_exception_handler(ClientDisconnect, _gone)
    app.add_exception_handler(Exception, _internal)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    if "text/html" not in request.headers.get("accept", ""):
        return for_person(request, problem).response()
    if problem.kind == "unauthenticated" and request.method == "GET":
        query = f"?{request.url.query}" if request.url.query else ""
        then = quote(request.url.path + query)
        return RedirectResponse(f"/sign-in?next={then}", HTTPStatus.SEE_OTHER)
    if not hasattr(request.state, "caller"):
        await request.app.state.door.greet(request)
    response = problem_page(request, problem)
    response.headers.update(problem.headers or {})
    return response


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Problem):  # raised while a form was read
        return await _problem(request, error.__cause__)
    kind = "method-not-allowed" if error.status_code == 405 else "not-found"
    detail = f"{request.method} {request.url.path}: see /docs for what this service answers"
    return await _problem(request, Problem(kind, detail, headers=error.headers))


async def _parameters(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = [{**fault, "loc": fault["loc"][1:]} for fault in error.errors()]
    return await _problem(request, of_faults(faults))


async def _store(request: Request, _: Exception) -> Response:
    problem = store_unavailable("the store does not answer; nothing was kept")
    return await _problem(request, problem)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=HTTPStatus.BAD_REQUEST)  # nobody is there to read it


async def _internal(request: Request, _: Exception) -> Response:
    return await _problem(request, Problem("internal", "nothing was decided or kept"))
