"""What every route does first and last: the body as its contract, the answer as JSON."""

import asyncio
import re
from functools import partial
from hashlib import sha256
from typing import TypeVar

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from serving.access.caller import Caller
from serving.problems import field_problem, of_validation
from serving.store.repeats import Key

LARGE_BODY = 256 * 2**10  # bytes; read in a thread from here on, so that others need not wait
KEY_WORD = re.compile("[!-~]{1,200}")

Contract = TypeVar("Contract", bound=BaseModel)


def caller_of(request: Request) -> str:
    """Who asks, as the store will name it: the name of a key or a person that the door let in."""
    caller: Caller = request.state.caller
    return caller.name


def json_answer(content: bytes, status: int = 200) -> Response:
    """`content`, which is JSON already."""
    return Response(content, status, media_type="application/json")


async def read(request: Request, contract: type[Contract]) -> Contract:
    """The body as `contract`. Raises Problem naming each field that does not fit."""
    return await _parsed(await read_body(request), contract)


async def read_keyed(request: Request, contract: type[Contract]) -> tuple[Contract, Key | None]:
    """The body as `contract`, and the key that a repetition of this write will bear."""
    body = await read_body(request)
    return await _parsed(body, contract), key_of(request, body)


def key_of(request: Request, body: bytes = b"") -> Key | None:
    """What the caller names this write by, with a digest of all that it asks."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not KEY_WORD.fullmatch(key):
        raise field_problem("Idempotency-Key", key, "send 1 to 200 visible ASCII characters")
    asked = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + body
    return Key(caller_of(request), key, sha256(asked).hexdigest())


async def read_body(request: Request) -> bytes:
    """The bytes sent, which the request need not keep. Raises Problem where they are too many."""
    return b"".join([chunk async for chunk in request.stream()])


async def _parsed(body: bytes, contract: type[Contract]) -> Contract:
    parse = partial(contract.model_validate_json, body)
    try:
        return parse() if len(body) < LARGE_BODY else await asyncio.to_thread(parse)
    except ValidationError as error:
        raise of_validation(error) from error
