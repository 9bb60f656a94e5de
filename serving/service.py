"""The BentoML service: one process a worker, each with the model, the tables and the store."""

import logging
import os
from pathlib import Path
from typing import Any

import bentoml
from bentoml._internal.utils.analytics.usage_stats import do_not_track
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.environment import setting, store_address
from serving.metrics import Measured, count_apart
from serving.workbench.headers import SecurityHeaders

count_apart()
do_not_track.cache_clear()  # the command `bentoml` asked before it came to our word (`hush`)
WORKERS = int(setting("ENCOURS_WORKERS"))
# Uvicorn would believe whatever speaks from this machine about who asks.
os.environ["FORWARDED_ALLOW_IPS"] = setting("ENCOURS_TRUSTED_PROXIES")
front = Measured()
BENTOML_ANSWERS = frozenset({"/livez", "/readyz", "/schema.json"})


class Ahead:
    """ASGI middleware: everything goes to the application, but what BentoML itself answers."""

    def __init__(self, app: ASGIApp) -> None:
        self.bentoml = SecurityHeaders(app)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        await (self.bentoml if _is_bentomls(scope) else front)(scope, receive, send)


def _is_bentomls(scope: Scope) -> bool:
    """Lifespan too; a method that it does not know is refused as everywhere."""
    if scope["type"] != "http":
        return True
    return scope["path"] in BENTOML_ANSWERS and scope["method"] in ("GET", "HEAD")


@bentoml.service(
    name="encours",
    workers=WORKERS,
    traffic={"timeout": 30},
    logging={"access": {"enabled": False}},
    metrics={"enabled": False},  # ours, by route, at /metrics; theirs grow with every address
    tracing={"excluded_urls": [".*"]},
)
class Encours:
    """How likely is this buyer to default, and how much should we let it owe us?

    BentoML's own clients learn from the methods below what there is to call, and where. The
    application answers there, ahead of BentoML (`Ahead`): it is faster, and it has the door.
    """

    def __init__(self) -> None:
        # Seconds of imports that the supervising process does not need.
        from serving.api.app import create_app  # noqa: PLC0415
        from serving.decide import Desk  # noqa: PLC0415
        from serving.lean_memory import lean_arrow  # noqa: PLC0415
        from serving.store.database import wait_for  # noqa: PLC0415

        logging.getLogger("encours").setLevel(logging.INFO)
        lean_arrow()
        wait_for(store_address())
        self.desk = Desk.open(
            Path(setting("ENCOURS_MODEL")),
            Path(setting("ENCOURS_PORTFOLIO")),
            store_address(),
            Path(setting("ENCOURS_CACHE")),
        )
        front.app = create_app(self.desk, WORKERS)

    @bentoml.api(route="/v1/score")
    def score(self, question: dict[str, Any], /) -> dict[str, Any]:
        """Default probability, grade, limit, conditions and reasons for one buyer."""
        raise NotImplementedError

    @bentoml.api(route="/v1/score-batch")
    def score_batch(self, questions: dict[str, Any], /) -> dict[str, Any]:
        """Up to 1,000 questions at once, `{"requests": […]}`."""
        raise NotImplementedError

    @bentoml.api(route="/v1/limits")
    def limits(self, question: dict[str, Any], /) -> dict[str, Any]:
        """Ask for cover: a buyer, an amount, terms."""
        raise NotImplementedError

    @bentoml.on_shutdown
    def close(self) -> None:
        """Keep what waits to be kept."""
        self.desk.close()


Encours.add_asgi_middleware(Ahead)  # type: ignore[attr-defined]
