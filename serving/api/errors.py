"""Every error as a problem document; for a browser, as a page."""

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

from serving.problems import Problem
from serving.workbench.frame import problem_page


def handle_errors(app: FastAPI) -> None:
    """Answer whatever goes wrong in `app` with a problem."""
    for error, answer in ((Problem, _problem), (HTTPException, _http), (Exception, _internal)):
        app.add_exception_handler(error, answer)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    if "text/html" not in request.headers.get("accept", ""):
        return problem.response()
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


async def _internal(request: Request, _: Exception) -> Response:
    return await _problem(request, Problem("internal", "nothing was decided or kept"))
