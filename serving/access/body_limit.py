"""How large a request may be: read no further, whatever was announced."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import Problem

LARGEST = 64 * 2**20  # bytes: a batch with its facts, a file of tables
LARGEST_FORM = 64 * 2**10  # bytes: what a person types
TYPED = frozenset({"/sign-in", "/sign-out", "/account"})


class BodyLimit:
    """ASGI middleware under which reading too large a body raises Problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is read of it."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        most, total = most_of(scope), 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            total += len(message.get("body", b""))
            if total > most:
                raise too_large(most)
            return message

        await self.app(scope, counted, send)


def most_of(scope: Scope) -> int:
    """The most bytes that the body of this request may have."""
    kind = Headers(scope=scope).get("content-type", "")
    typed = scope["path"] in TYPED or kind.startswith("application/x-www-form-urlencoded")
    return LARGEST_FORM if typed else LARGEST


def too_large(most: int) -> Problem:
    """The problem of a body beyond `most` bytes."""
    size = f"{most // 2**20} MiB" if most >= 2**20 else f"{most // 2**10} KiB"
    return Problem("too-large", f"send at most {size} in one request")
