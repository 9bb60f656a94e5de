"""What a Prometheus server scrapes: requests by route, not by address, so that series stay few."""

import os
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
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    more = CollectorRegistry()
    for collector in collectors:
        more.register(collector)
    content = generate_latest(registry) + generate_latest(more)
    return Response(content, media_type=CONTENT_TYPE_LATEST)
