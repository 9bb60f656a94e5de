"""What a Prometheus server scrapes: requests by route, not by address, so that series stay few."""

import atexit
import os
from pathlib import Path
from shutil import rmtree
from tempfile import gettempdir
from time import perf_counter

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
REQUESTS = Counter("encours_requests", "Requests answered", ["route", "status"])
SECONDS = Histogram("encours_request_seconds", "Time to answer", ["route"], buckets=BUCKETS)
FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the processes of a service meet; workers are told it


def count_apart() -> None:
    """Let the workers of this service count in a folder of their own: BentoML gives all services of
    a user the same one, and empties it whenever one of them starts."""
    is_worker = FOLDER in os.environ
    service = os.getppid() if is_worker else os.getpid()
    folder = Path(gettempdir(), f"encours-metrics-{service}")
    if is_worker:
        folder.mkdir(mode=0o700, exist_ok=True)
        os.environ[FOLDER] = str(folder)
    else:
        rmtree(folder, ignore_errors=True)  # of one that was killed and had our number
        atexit.register(rmtree, folder, ignore_errors=True)


class Measured:
    """ASGI middleware that counts and times what `app` answers."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; note route, status and time."""
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began = perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                endpoint = scope.get("endpoint")
                route = getattr(endpoint, "__name__", "none")
                REQUESTS.labels(route, message["status"]).inc()
                SECONDS.labels(route).observe(perf_counter() - began)
            await send(message)

        await self.app(scope, receive, noting)


def exposition(*collectors: Collector) -> Response:
    """The metrics of all workers, then what `collectors` give."""
    registry = REGISTRY
    if FOLDER in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    more = CollectorRegistry()
    for collector in collectors:
        more.register(collector)
    content = generate_latest(registry) + generate_latest(more)
    return Response(content, media_type=CONTENT_TYPE_LATEST)
