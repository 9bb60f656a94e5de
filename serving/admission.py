"""How many requests are worked on at once, and how long a body may take: overload is refused
early, so that what is accepted is answered soon, and a slow caller holds nothing up.

Connections that open together all come to the worker that wakes first, and would stay. A worker
therefore lets go of one now and then: whoever is idle takes it up when the caller opens it again,
and one that came while the worker was told to stop does not keep it.
"""

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import Problem

MOST_AT_ONCE = 64  # in one worker: some hundred milliseconds of work
BODY_SECONDS = 20.0
NOW_AND_THEN = 16  # answers
ALWAYS = frozenset({"/livez", "/readyz", "/metrics"})
BODILESS = frozenset({"GET", "HEAD", "OPTIONS"})


class Admission:
    """ASGI middleware. A request counts from the moment its body is whole; reading the body raises
    Problem (overloaded, too-slow) where it may not go on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.at_once = 0
        self._answers = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http" or scope["path"] in ALWAYS:
            return await self.app(scope, receive, send)
        if scope["method"] in BODILESS:
            return await self._bodiless(scope, receive, send)
        deadline = asyncio.get_running_loop().time() + BODY_SECONDS
        admitted = False

        async def admit() -> Message:
            nonlocal admitted
            message = await self._in_time(receive, deadline) if not admitted else await receive()
            if not admitted and not message.get("more_body", False):
                if self.at_once >= MOST_AT_ONCE:
                    raise overloaded()
                self.at_once += 1
                admitted = True
            return message

        try:
            await self.app(scope, admit, self._shared(send))
        finally:
            self.at_once -= admitted

    async def _bodiless(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.at_once >= MOST_AT_ONCE:
            return await overloaded().response()(scope, receive, send)
        self.at_once += 1
        try:
            await self.app(scope, receive, self._shared(send))
        finally:
            self.at_once -= 1

    def _shared(self, send: Send) -> Send:
        """`send`, which now and then closes the connection after the answer."""
        self._answers += 1
        if self._answers % NOW_AND_THEN:
            return send

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        return closing

    @staticmethod
    async def _in_time(receive: Receive, deadline: float) -> Message:
        try:
            async with asyncio.timeout_at(deadline):
                return await receive()
        except TimeoutError as error:
            raise Problem(
                "too-slow", f"the body was not whole after {BODY_SECONDS:.0f} s; send it again"
            ) from error


def overloaded() -> Problem:
    """The problem of a request beyond what is worked on at once."""
    return Problem(
        "overloaded",
        f"{MOST_AT_ONCE} requests are being answered; ask again in a second",
        headers={"Retry-After": "1"},
    )
