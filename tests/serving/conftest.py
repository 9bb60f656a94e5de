"""A small portfolio, a small bundle, and the service over them, in this process."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.api import create_app
from serving.champion import Champion
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.server import running
from serving.store.store import Store


@pytest.fixture(scope="session")
def portfolio(tables: Path) -> Portfolio:
    return Portfolio.load(tables, "EUR")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


@pytest.fixture
def desk(bundle: Path, portfolio: Portfolio, store: Store) -> Desk:
    return Desk(Champion(bundle), portfolio, store)


class Client:
    """Asks the service in this process; errors answer as they would over the wire."""

    def __init__(self, desk: Desk) -> None:
        self.transport = httpx.ASGITransport(create_app(desk), raise_app_exceptions=False)

    def request(self, method: str, path: str, **content: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://test") as http:
                return await http.request(method, path, **content)

        return asyncio.run(ask())

    def get(self, path: str, **content: Any) -> httpx.Response:
        return self.request("GET", path, **content)

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self.request("POST", path, **content)


@pytest.fixture
def client(desk: Desk) -> Client:
    return Client(desk)


@pytest.fixture(scope="session")
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def service(
    bundle: Path, tables: Path, free_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the real service, two workers, started once."""
    folder = tmp_path_factory.mktemp("service")
    apart = {"ENCOURS_STORE": f"sqlite:///{folder}/store.db", "BENTOML_HOME": str(folder / "home")}
    with running(bundle, tables, port=free_port, environment=apart) as address:
        yield address
