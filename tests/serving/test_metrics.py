import asyncio

from prometheus_client import REGISTRY

from serving.metrics import Measured, exposition


async def endpoint(scope, receive, send):
    scope["endpoint"] = endpoint
    await send({"type": "http.response.start", "status": 201, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _call(scope: dict[str, object]) -> list[dict[str, object]]:
    sent: list[dict[str, object]] = []

    async def send(message):
        sent.append(message)

    measured = Measured()
    measured.app = endpoint
    asyncio.run(measured(scope, None, send))
    return sent


def _counted() -> float:
    labels = {"route": "endpoint", "status": "201"}
    return REGISTRY.get_sample_value("encours_requests_total", labels) or 0.0


def test_requests_are_counted_by_route_whatever_their_address() -> None:
    before = _counted()
    for path in ("/buyers/1", "/buyers/2"):
        assert [message["type"] for message in _call({"type": "http", "path": path})] == [
            "http.response.start",
            "http.response.body",
        ]
    assert _counted() == before + 2
    assert b'encours_request_seconds_count{route="endpoint"}' in exposition().body


def test_other_protocols_pass_uncounted() -> None:
    before = _counted()
    _call({"type": "lifespan"})
    assert _counted() == before
