"""What goes wrong in production, done to the real service: no acknowledged decision is lost, none
is kept twice, and it recovers alone."""

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
import sqlalchemy as sa

from models.credit_model import CreditModel
from serving import decide
from serving.access.keys import create_key
from serving.server import running
from serving.store.record import DECISIONS
from serving.store.store import Store

pytestmark = pytest.mark.slow
ASKED = {"buyer_id": "B0000017", "as_of_date": "2025-06-30"}
CALLERS = 4


@dataclass
class Callers:
    """Ask over and over, each on a connection of its own, and note what they are told."""

    url: str
    key: str
    told: list[httpx.Response] = field(default_factory=list)
    cut_off: int = 0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Ask while the block runs."""
        stop = threading.Event()
        threads = [threading.Thread(target=self._ask, args=(stop,)) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def _ask(self, stop: threading.Event) -> None:
        headers = {"Authorization": f"Bearer {self.key}"}
        while not stop.is_set():
            with httpx.Client(base_url=self.url, headers=headers, timeout=60) as http:
                try:
                    while not stop.is_set():
                        self.told.append(http.post("/v1/score", json=ASKED))
                except httpx.TransportError:
                    self.cut_off += 1
                    time.sleep(0.02)

    @property
    def acknowledged(self) -> list[str]:
        """The decisions that were answered."""
        return [answer.json()["decision_id"] for answer in self.told if answer.is_success]

    @property
    def statuses(self) -> Counter[int]:
        return Counter(answer.status_code for answer in self.told)


@dataclass
class Service:
    """The real service on a store of its own."""

    bundle: Path
    tables: Path
    folder: Path
    address: str
    key: str = ""

    def __post_init__(self) -> None:
        store = Store(self.address)
        self.key = create_key(store, "faults", "engine")
        store.close()

    @contextmanager
    def started(self) -> Iterator[Callers]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        apart = {
            "ENCOURS_STORE": self.address,
            "ENCOURS_CACHE": str(self.folder / "cache"),
            "BENTOML_HOME": str(self.folder / "home"),
        }
        with running(self.bundle, self.tables, port=port, environment=apart) as url:
            yield Callers(url, self.key)

    def kept(self) -> list[str]:
        """The decisions in the store, once its chain was walked from end to end."""
        store = Store(self.address)
        try:
            store.verify()
            with store.reading() as connection:
                ids = sa.select(DECISIONS.c.decision_id).order_by(DECISIONS.c.sequence)
                return list(connection.execute(ids).scalars())
        finally:
            store.close()


@pytest.fixture
def service_of(bundle: Path, tables: Path, tmp_path: Path) -> Callable[..., Service]:
    own = tmp_path / "champion"
    shutil.copytree(bundle, own)
    return lambda address=f"sqlite:///{tmp_path}/store.db": Service(own, tables, tmp_path, address)


def of_ours(parent: psutil.Process, word: str) -> list[psutil.Process]:
    """The living processes below `parent` whose command has `word`."""
    found = []
    for child in parent.children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):  # a zombie is none either
            if word in child.cmdline():
                found.append(child)
    return found


def supervisor() -> psutil.Process:
    ours = [p for p in of_ours(psutil.Process(), "serve") if p.ppid() == os.getpid()]
    return max(ours, key=psutil.Process.create_time)  # another may serve the whole session


def workers() -> list[psutil.Process]:
    return of_ours(supervisor(), "_bentoml_impl.worker.service")


def until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def each_once(acknowledged: list[str], kept: list[str]) -> bool:
    return set(acknowledged) <= set(kept) and len(kept) == len(set(kept))


def test_a_killed_worker_is_replaced_and_nothing_acknowledged_is_lost(service_of) -> None:
    service = service_of()
    with service.started() as callers, callers.asking():
        until(lambda: len(callers.told) > 20)
        victim = workers()[0]
        victim.send_signal(signal.SIGKILL)
        until(lambda: victim.pid not in [w.pid for w in workers()] and len(workers()) == 2)
        asked = len(callers.told)
        until(lambda: len(callers.told) > asked + 20)
    assert set(callers.statuses) == {200}
    assert each_once(callers.acknowledged, service.kept())


def test_a_killed_service_starts_again_with_all_it_acknowledged(service_of) -> None:
    service = service_of()
    with service.started() as callers, callers.asking():
        until(lambda: len(callers.told) > 20)
        boss = supervisor()
        for process in (boss, *boss.children(recursive=True)):
            process.send_signal(signal.SIGKILL)
        until(lambda: callers.cut_off > 0)
    before = service.kept()
    assert each_once(callers.acknowledged, before)
    with service.started() as again:
        answer = httpx.post(
            f"{again.url}/v1/score", json=ASKED, headers={"Authorization": f"Bearer {again.key}"}
        )
    assert service.kept() == [*before, answer.json()["decision_id"]]


def test_what_was_accepted_is_finished_before_the_service_stops(service_of) -> None:
    service = service_of()
    with service.started() as callers, callers.asking():
        until(lambda: len(callers.told) > 20)
        supervisor().terminate()
        until(lambda: callers.cut_off > CALLERS)
    assert set(callers.statuses) == {200}
    assert sorted(service.kept()) == sorted(callers.acknowledged)  # none was decided untold


def test_a_broken_bundle_is_refused_and_a_new_one_taken_without_a_failed_request(
    service_of, credit_model: CreditModel
) -> None:
    service = service_of()
    changed = replace(
        credit_model, default_model=replace(credit_model.default_model, intercept=-0.5)
    )
    with service.started() as callers, callers.asking():
        until(lambda: len(callers.told) > 20)
        broken = service.folder / "broken"
        shutil.copytree(service.bundle, broken)
        (broken / "booster.txt").write_text("half a boos")
        service.bundle.rename(service.folder / "old")
        broken.rename(service.bundle)
        time.sleep(2.5)  # the workers look every second
        asked = len(callers.told)
        until(lambda: len(callers.told) > asked + 20)
        versions = {answer.json()["model_version"] for answer in callers.told}
        shutil.rmtree(service.bundle)
        changed.save(service.bundle)
        until(lambda: callers.told[-1].json()["model_version"] not in versions)
    assert len(versions) == 1
    assert set(callers.statuses) == {200}
    assert callers.cut_off == 0
    assert each_once(callers.acknowledged, service.kept())


def test_a_full_disk_is_told_and_nothing_is_half_written(service_of) -> None:
    service = service_of()
    with service.started() as callers, callers.asking():
        until(lambda: len(callers.told) > 20)
        size = (service.folder / "store.db-wal").stat().st_size
        for worker in workers():  # a file that may not grow fails as on a full disk
            resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
        until(lambda: callers.statuses[503] > 5)
        for worker in workers():
            free = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
            resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, free)
        asked = callers.statuses[200]
        until(lambda: callers.statuses[200] > asked + 20)
    assert set(callers.statuses) == {200, 503}
    refused = next(answer for answer in callers.told if answer.status_code == 503)
    assert refused.json()["type"] == "/docs#problem-store-unavailable"
    assert int(refused.headers["retry-after"]) > 0
    assert each_once(callers.acknowledged, service.kept())


def test_a_database_that_is_away_is_told_until_it_is_back(service_of, postgresql: str) -> None:
    engine = sa.create_engine(postgresql)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    engine.dispose()
    service = service_of(postgresql)
    cluster = Path(urlsplit(postgresql).query.removeprefix("host="))
    with service.started() as callers, callers.asking():
        until(lambda: len(callers.told) > 20)
        pg_ctl(cluster, "-m", "fast", "stop")
        away = time.monotonic()
        until(lambda: callers.statuses[503] > 20 and time.monotonic() > away + 3)
        assert httpx.get(f"{callers.url}/livez").is_success
        pg_ctl(cluster, "-w", "-l", str(cluster / "log"), "start")
        asked = callers.statuses[200]
        until(lambda: callers.statuses[200] > asked + 20)
    assert set(callers.statuses) == {200, 503}
    refused = next(answer for answer in callers.told if answer.status_code == 503)
    assert int(refused.headers["retry-after"]) > 0
    assert each_once(callers.acknowledged, service.kept())


def pg_ctl(cluster: Path, *arguments: str) -> None:
    as_owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    where = ["-o", f"-c listen_addresses='' -c unix_socket_directories='{cluster}'"]
    tool = ["/usr/lib/postgresql/15/bin/pg_ctl", "-D", str(cluster / "data")]
    extra = where if "start" in arguments else []
    subprocess.run([*as_owner, *tool, *extra, *arguments], check=True, capture_output=True)


def test_a_clock_that_goes_back_breaks_no_chain(client, desk, monkeypatch) -> None:
    class Backwards(datetime):
        hour = 23

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            cls.hour -= 1
            return datetime(2026, 3, 29, cls.hour, tzinfo=tz)

    monkeypatch.setattr(decide, "datetime", Backwards)
    ids = [client.post("/v1/score", json=ASKED).json()["decision_id"] for _ in range(3)]
    kept = desk.store.of_buyer(ASKED["buyer_id"])
    assert [record.decision_id for record in kept] == ids[::-1]
    assert kept[0].decided_at < kept[-1].decided_at
    assert desk.store.verify().sequence == 3


def test_slow_callers_hold_nobody_up(service: str, service_key: str) -> None:
    host, port = urlsplit(service).hostname, urlsplit(service).port
    head = (
        f"POST /v1/score HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {service_key}\r\n"
        "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"
    )
    slow = [socket.create_connection((host, port)) for _ in range(200)]
    try:
        for connection in slow:
            connection.sendall(head.encode())
        with httpx.Client(base_url=service, timeout=20) as http:
            http.headers["Authorization"] = f"Bearer {service_key}"
            assert {http.post("/v1/score", json=ASKED).status_code for _ in range(20)} == {200}
    finally:
        for connection in slow:
            connection.close()


def test_far_too_much_at_once_is_refused_in_part_and_soon(service: str, service_key: str) -> None:
    async def burst(number: int) -> list[tuple[httpx.Response, float]]:
        async def one() -> tuple[httpx.Response, float]:
            began = time.monotonic()
            return await http.post("/v1/score", json=ASKED), time.monotonic() - began

        limits = httpx.Limits(max_connections=number)
        headers = {"Authorization": f"Bearer {service_key}"}
        async with httpx.AsyncClient(
            base_url=service, headers=headers, timeout=60, limits=limits
        ) as http:
            return list(await asyncio.gather(*(one() for _ in range(number))))

    told = asyncio.run(burst(600))
    statuses = Counter(answer.status_code for answer, _ in told)
    assert set(statuses) <= {200, 503}
    assert statuses[200] >= 64
    assert all(a.headers["retry-after"] == "1" for a, _ in told if a.status_code == 503)
    with httpx.Client(base_url=service, timeout=20) as http:
        http.headers["Authorization"] = f"Bearer {service_key}"
        assert http.post("/v1/score", json=ASKED).status_code == 200
