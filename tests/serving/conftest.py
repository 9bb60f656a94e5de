"""A small portfolio, a small bundle, and the service over them, in this process."""

import asyncio
import re
import socket
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from pydantic import BaseModel

from serving.access import passwords
from serving.access.keys import create_key
from serving.access.people import add_person
from serving.answers import ProblemDocument
from serving.api.app import create_app
from serving.champion import Champion
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.problems import KINDS
from serving.server import running
from serving.store.store import Store

PASSWORD = "correct horse battery"


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    address: str = request.getfixturevalue("postgresql")
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine.dispose()
    return address


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


@pytest.fixture
def real_store(address: str) -> Iterator[Store]:
    """A store on each database that users have: SQLite, and a real PostgreSQL."""
    store = Store(address)
    yield store
    store.close()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """Hashing costs a person a tenth of a second; a test signs in many times."""
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", cheap)
        yield


class Client:
    """Asks the service in this process, with a key of `role` (None: with no key); errors answer as
    they would over the wire."""

    names = (f"client-{number}" for number in count())

    def __init__(self, desk: Desk, role: str | None = "risk-admin") -> None:
        self.transport = httpx.ASGITransport(create_app(desk), raise_app_exceptions=False)
        self.cookies = httpx.Cookies()
        self.name = next(self.names)
        self.headers = bearer(create_key(desk.store, self.name, role)) if role else {}

    def request(self, method: str, path: str, **content: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with self.opened() as http:
                answer = await http.request(method, path, **content)
                self.remember(http.cookies)
                return answer

        return asyncio.run(ask())

    def opened(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=self.transport,
            base_url="http://test",
            headers=self.headers,
            cookies=self.cookies,
        )

    def remember(self, cookies: httpx.Cookies) -> None:
        """A machine keeps no cookie."""

    def get(self, path: str, **content: Any) -> httpx.Response:
        return self.request("GET", path, **content)

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self.request("POST", path, **content)

    def fits(self, answer: httpx.Response, contract: type[BaseModel]) -> dict[str, Any]:
        """The content of an answer that keeps to its contract."""
        assert answer.is_success, answer.text
        assert answer.headers["content-type"] == "application/json"
        contract.model_validate_json(answer.content)
        return dict(answer.json())

    def refused(self, answer: httpx.Response, kind: str) -> ProblemDocument:
        """The problem of that kind which an answer is."""
        assert answer.headers["content-type"] == "application/problem+json"
        document = ProblemDocument.model_validate_json(answer.content)
        assert document.type == f"/docs#problem-{kind}", document
        assert document.status == answer.status_code == KINDS[kind].status
        assert "Traceback" not in answer.text
        return document


class Visitor(Client):
    """A person's browser in this process: no key, but cookies, and a taste for pages."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, role=None)
        self.headers = {"Accept": "text/html"}

    def remember(self, cookies: httpx.Cookies) -> None:
        self.cookies = cookies

    def sign_in(self, name: str, password: str, then: str = "/") -> httpx.Response:
        return self.post("/sign-in", data={"name": name, "password": password, "next": then})

    def token(self, path: str = "/account") -> str:
        """The token that a page gives to its forms."""
        found = re.search(r'<meta name="csrf-token" content="([^"]+)">', self.get(path).text)
        assert found
        return found.group(1)


@pytest.fixture(scope="session")
def client_of() -> type[Client]:
    """Makes a client of a desk that a module shares."""
    return Client


@pytest.fixture
def client(desk: Desk) -> Client:
    return Client(desk)


@pytest.fixture
def visitor(desk: Desk) -> Visitor:
    """A browser before the service, where alice is an underwriter with PASSWORD."""
    add_person(desk.store, "alice", "underwriter", password=PASSWORD)
    return Visitor(desk)


@pytest.fixture(scope="session")
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def service_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("service")


@pytest.fixture(scope="session")
def service_key(service_folder: Path) -> str:
    """A key of the real service, of a risk-admin."""
    store = Store(f"sqlite:///{service_folder}/store.db")
    key = create_key(store, "tests", "risk-admin")
    store.close()
    return key


@pytest.fixture
def http(service: str, service_key: str) -> Iterator[httpx.Client]:
    """Asks the real service, with its key."""
    with httpx.Client(base_url=service, headers=bearer(service_key)) as client:
        yield client


@pytest.fixture(scope="session")
def service(bundle: Path, tables: Path, free_port: int, service_folder: Path) -> Iterator[str]:
    """The address of the real service, two workers, started once."""
    folder = service_folder
    apart = {
        "ENCOURS_STORE": f"sqlite:///{folder}/store.db",
        "ENCOURS_CACHE": str(folder / "cache"),
        "ENCOURS_SURVEILLANCE": str(folder / "runs"),
        "ENCOURS_JOBS": str(folder / "jobs"),
        "BENTOML_HOME": str(folder / "home"),
    }
    with running(bundle, tables, port=free_port, environment=apart) as address:
        yield address
