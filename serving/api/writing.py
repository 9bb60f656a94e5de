"""Writes other than decisions: once for each key, durable before they are answered."""

import asyncio
from collections.abc import Callable

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from serving.api.reading import json_answer
from serving.decide import desk_of
from serving.problems import Problem
from serving.store.repeats import Key, KeyReused

CREATED = 201


async def write(
    request: Request,
    key: Key | None,
    make: Callable[[sa.Connection], BaseModel | bytes],
    status: int = CREATED,
) -> Response:
    """What `make` writes, a contract or JSON, answered once durable and in force in this worker."""
    desk = desk_of(request)

    def in_json(connection: sa.Connection) -> bytes:
        made = make(connection)
        return made if isinstance(made, bytes) else made.model_dump_json().encode()

    def once() -> bytes:
        answer = desk.store.once(key, in_json)
        desk.known.refresh()
        return answer

    try:
        return json_answer(await asyncio.to_thread(once), status)
    except KeyReused as error:
        raise Problem("key-reused", str(error)) from error
