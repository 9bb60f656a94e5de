"""Signing in through an OpenID Connect provider: routes that are there where one is configured."""

import asyncio
import logging
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from serving.access.openid import STATE_COOKIE, OpenId, SignInFailed
from serving.access.people import from_elsewhere
from serving.environment import setting
from serving.workbench.frame import within
from serving.workbench.sign_in import REFUSED, begin_session, door_of, sign_in_form

log = logging.getLogger("encours.access")
router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/sign-in/openid")
async def leave(request: Request, next: str = "/") -> Response:
    """Off to the provider."""
    address = setting("ENCOURS_PUBLIC_URL") or str(request.base_url)
    back = f"{address.rstrip('/')}/sign-in/openid/back"
    try:
        return await _provider(request).leave(
            request, door_of(request).sessions, back, within(next)
        )
    except SignInFailed as failed:
        log.warning("OpenID Connect: %s (%r)", failed, failed.__cause__)
        return sign_in_form(request, next, said=str(failed), status=HTTPStatus.BAD_GATEWAY)


@router.get("/sign-in/openid/back")
async def come_back(request: Request) -> Response:
    """Back from the provider, signed in or not."""
    door = door_of(request)
    try:
        vouched, then = await _provider(request).return_from(request, door.sessions)
        person = await asyncio.to_thread(
            from_elsewhere, door.store, vouched.subject, vouched.name, vouched.role
        )
    except ValueError as failed:
        log.warning("OpenID Connect: %s (%r)", failed, failed.__cause__)
        return sign_in_form(request, said=str(failed), status=HTTPStatus.UNAUTHORIZED)
    name = person.caller.name
    door.forget(name)
    if person.disabled:
        log.warning("OpenID Connect: the account %s is disabled", name)
        return sign_in_form(request, said=REFUSED, status=HTTPStatus.UNAUTHORIZED)
    log.info("signed in through OpenID Connect: %s", name)
    response = begin_session(request, name, person.epoch, then)
    response.delete_cookie(STATE_COOKIE)
    return response


def _provider(request: Request) -> OpenId:
    provider: OpenId = request.app.state.openid
    return provider
