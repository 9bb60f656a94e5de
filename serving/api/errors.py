"""Every error as a problem document; for a browser, as a page."""

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from serving.problems import Problem
from serving.workbench.frame import problem_page


def handle_errors(app: FastAPI) -> None:
    """Answer whatever goes wrong in `app` with a problem."""
    for error, answer in ((Problem, _problem), (HTTPException, _http), (Exception, _internal)):
        app.add_exception_handler(error, answer)


async def _problem(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    for_people = "text/html" in request.headers.get("accept", "")
    return problem_page(request, problem) if for_people else problem.response()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = "method-not-allowed" if error.status_code == 405 else "not-found"
    detail = f"{request.method} {request.url.path}: see /docs for what this service answers"
    return await _problem(request, Problem(kind, detail, headers=error.headers))


async def _internal(request: Request, _: Exception) -> Response:
    return await _problem(request, Problem("internal", "nothing was decided or kept"))
