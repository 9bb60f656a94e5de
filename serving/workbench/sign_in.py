"""Signing in and out with a password; one's own account."""

import logging
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from serving.access.caller import PERMISSIONS
from serving.access.door import Caller, Door, greets, needs
from serving.access.passwords import has_password, right_password
from serving.access.peer import from_loopback
from serving.access.people import end_sessions, find_person, set_password
from serving.access.sessions import COOKIE
from serving.environment import setting
from serving.workbench.frame import page, within
from serving.workbench.words import N_

TRIES = "30/minute"  # by one peer, whatever the names
REFUSED = N_("Name or password is wrong, or there were too many tries: wait a minute, then again.")
TOO_OFTEN = N_("Too many tries from this address: wait a minute, then again.")
FOREIGN = N_("This form came from another site. Sign in here.")
log = logging.getLogger("encours.access")

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Text = Annotated[str, Form()]


@router.get("/sign-in", dependencies=[greets()])
def sign_in_page(request: Request, next: str = "/") -> Response:
    """The form; who is signed in already goes on."""
    if getattr(request.state, "caller", None):
        return RedirectResponse(within(next), HTTPStatus.SEE_OTHER)
    return sign_in_form(request, next)


@router.post("/sign-in")
def sign_in(
    request: Request,
    name: Text = "",
    password: Text = "",
    next: Text = "/",
) -> Response:
    """Begin a session, where name and password fit."""
    door = door_of(request)
    if _from_another_site(request):
        return sign_in_form(request, next, name, FOREIGN, HTTPStatus.FORBIDDEN)
    peer = request.client.host if request.client else ""
    if seconds := door.rates.wait("peer", peer, TRIES):
        response = sign_in_form(request, next, name, TOO_OFTEN, HTTPStatus.TOO_MANY_REQUESTS)
        response.headers["Retry-After"] = str(seconds)
        return response
    name = name.strip().lower()
    fits = right_password(door.store, name, password)
    person = find_person(door.store, name)
    if not fits or person is None or (person.loopback_only and not from_loopback(request)):
        log.warning("sign-in refused from %s", peer)  # a name may be a password in the wrong field
        return sign_in_form(request, next, name, REFUSED, HTTPStatus.UNAUTHORIZED)
    log.info("signed in: %s", name)
    return begin_session(request, name, person.epoch, next)


@router.post("/sign-out")
def sign_out(request: Request, caller: Caller = needs("read")) -> Response:
    """End every session of this person."""
    if caller.kind == "person":
        end_sessions(door_of(request).store, caller.name)
        door_of(request).forget(caller.name)
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE)
    return response


@router.get("/account")
def account(request: Request, caller: Caller = needs("read")) -> Response:
    """Who I am here and what I may do."""
    return _account(request, caller)


@router.post("/account")
def change_password(
    request: Request,
    now: Text = "",
    new: Text = "",
    again: Text = "",
    caller: Caller = needs("read"),
) -> Response:
    """Another password for oneself; this session goes on, others end."""
    store = door_of(request).store
    if caller.kind != "person" or not right_password(store, caller.name, now):
        return _account(request, caller, N_("The present password is not right."))
    if new != again:
        return _account(request, caller, N_("The two new passwords differ."))
    try:
        set_password(store, caller.name, new)
    except ValueError as weak:
        return _account(request, caller, str(weak))
    person = find_person(store, caller.name)
    assert person is not None
    return begin_session(request, caller.name, person.epoch, "/account?changed")


def door_of(request: Request) -> Door:
    """The door of this application."""
    door: Door = request.app.state.door
    return door


def begin_session(request: Request, name: str, epoch: int, then: str) -> Response:
    """Send a person on to a page of ours, with the cookie of a new session."""
    response = RedirectResponse(within(then), HTTPStatus.SEE_OTHER)
    sessions = door_of(request).sessions
    sessions.keep(response, request, sessions.begin(name, epoch))
    return response


def sign_in_form(
    request: Request,
    then: str = "/",
    name: str = "",
    said: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HTMLResponse:
    """The page to sign in on; `said` is what went wrong, `then` where the person wants to go."""
    elsewhere = bool(setting("ENCOURS_OIDC_ISSUER"))
    values = {"then": within(then), "name": name, "said": said, "elsewhere": elsewhere}
    return page(request, "sign_in.html", status, **values)


def _account(request: Request, caller: Caller, said: str = "") -> HTMLResponse:
    may = [permission for permission in PERMISSIONS if caller.may(permission)]
    values = {
        "may": may,
        "local": has_password(door_of(request).store, caller.name),
        "said": said,
        "changed": "changed" in request.query_params,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if said else HTTPStatus.OK
    return page(request, "account.html", status, **values)


def _from_another_site(request: Request) -> bool:
    """Whether a browser says that another site sent this form: nobody is signed in unknowingly."""
    if site := request.headers.get("sec-fetch-site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")
