"""The same decisions from a bare ASGI app: no access control, no routes, nothing kept."""

import os
from pathlib import Path
from typing import Any

import orjson

from serving.champion import Champion
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.store.store import Store

champion = Champion(Path(os.environ["ENCOURS_MODEL"]))
portfolio = Portfolio.load(
    Path(os.environ["ENCOURS_PORTFOLIO"]), champion.now.model.policy.currency
)
desk = Desk(champion, portfolio, Store(os.environ["ENCOURS_STORE"]))
desk.warm_up()
HEADERS = [(b"content-type", b"application/json")]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Read a question, conclude, answer."""
    if scope["type"] != "http":
        return
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message["body"]
    answer = b"{}"
    if body:
        answer = orjson.dumps(desk.conclude(ScoreRequest.model_validate_json(body)).answer)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": answer})
