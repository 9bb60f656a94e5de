"""Writes other than decisions: once for each key, durable before they are answered."""

import asyncio
from collections.abc import Callable

import sqlalchemy as sa
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from serving.api.reading import desk_of, json_answer
from serving.problems import Problem
from serving.store.repeats import Key, KeyReused

CREATED = 201


async def write(
    request: Request,
    key: Key | None,
    make: Callable[[sa.Connection], BaseModel],
    status: int = CREATED,
) -> Response:
    """What `make` writes, answered once it is durable and in force in this worker."""
    desk = desk_of(request)

    def once() -> bytes:
        answer = desk.store.once(
            key, lambda connection: make(connection).model_dump_json().encode()
        )
        desk.known.refresh()
        return answer

    try:
        return json_answer(await asyncio.to_thread(once), status)
    except KeyReused as error:
        raise Problem("key-reused", f"{error} came before with another question") from error
