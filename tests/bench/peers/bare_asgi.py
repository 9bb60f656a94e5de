"""The same decisions from a bare ASGI app: no access control, no routes, nothing kept.

It is spared what holds uvicorn's own workers up: the answer's last packet does not wait for the
one before to be acknowledged (40 ms), and connections are spread over the workers.
"""

import argparse
import asyncio
import os
import socket
from itertools import count
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving.champion import Champion
from serving.conclude import conclude
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.store.store import Store

HEADERS = [(b"content-type", b"application/json")]
CLOSING = [*HEADERS, (b"connection", b"close")]


def desk() -> Desk:
    """The model and the tables, as the service has them."""
    champion = Champion(Path(os.environ["ENCOURS_MODEL"]))
    portfolio = Portfolio.map(
        Path(os.environ["ENCOURS_PORTFOLIO"]),
        champion.now.model.policy.currency,
        Path(os.environ["ENCOURS_CACHE"]),
    )
    made = Desk(champion, portfolio, Store(os.environ["ENCOURS_STORE"]))
    made.warm_up()
    return made


class Bare:
    """Reads a question, concludes, answers."""

    def __init__(self) -> None:
        self.desk = desk()
        self.answers = count()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """One request."""
        if scope["type"] != "http":
            return
        message = await receive()
        body = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        answer = self.answer(ScoreRequest.model_validate_json(body)) if body else b"{}"
        headers = HEADERS if next(self.answers) % 16 else CLOSING
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def answer(self, request: ScoreRequest) -> bytes:
        """The decision in JSON."""
        one, model = self.desk.dossiers.of(request), self.desk.champion.now.model
        found = conclude(model, one.facts, one.keys, request, one.overrides, one.group)
        return orjson.dumps(found.answer)


class Prompt(HttpToolsProtocol):
    """HTTP whose packets do not wait for each other."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Set the socket up."""
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().connection_made(transport)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int)
    options.add_argument("--workers", type=int)
    given = options.parse_args()
    uvicorn.run(
        "tests.bench.peers.bare_asgi:Bare",
        factory=True,
        http=Prompt,
        port=given.port,
        workers=given.workers,
        access_log=False,
    )
