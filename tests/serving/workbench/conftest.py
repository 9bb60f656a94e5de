"""A real browser; a portfolio that was scored twice; jobs that are waited for."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from models.credit_model import CreditModel
from serving.champion import Champion
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.store.store import Store
from serving.surveillance.rules import Rules
from serving.surveillance.surveil import surveil
from serving.workbench import jobs
from serving.workbench.jobs import Job

CHROMIUM = Path("/usr/bin/chromium")


@pytest.fixture
def chromium() -> Iterator[Any]:
    """A real headless browser. It runs an event loop, so it may not outlive its test."""
    if not CHROMIUM.exists():
        pytest.skip(f"no Chromium in {CHROMIUM}: apt-get install chromium")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def surveyed_home(tables: Path, bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store and two runs of surveillance over the small portfolio."""
    home = tmp_path_factory.mktemp("surveyed")
    model, store = CreditModel.load(bundle), Store(f"sqlite:///{home}/store/store.db")
    for day in (date(2025, 9, 30), date(2025, 12, 31)):
        surveil(model, Rules.load(), tables, day, store, home / "runs")
    store.close()
    return home


@pytest.fixture
def jobs_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's jobs keep their files."""
    monkeypatch.setenv("ENCOURS_JOBS", str(tmp_path / "jobs"))
    return tmp_path / "jobs"


@pytest.fixture
def surveyed(
    surveyed_home: Path,
    bundle: Path,
    portfolio: Portfolio,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """A desk whose portfolio was scored twice; its store is this test's own."""
    shutil.copytree(surveyed_home / "store", tmp_path / "surveyed")
    monkeypatch.setenv("ENCOURS_SURVEILLANCE", str(surveyed_home / "runs"))
    desk = Desk(Champion(bundle), portfolio, Store(f"sqlite:///{tmp_path}/surveyed/store.db"))
    yield desk
    desk.close()


@pytest.fixture
def reader(client: Any, surveyed: Desk) -> Callable[..., Any]:
    """`reader(role)` asks the service over the surveyed desk."""
    return lambda role="risk-admin": type(client)(surveyed, role)


@pytest.fixture
def finished() -> Callable[[Desk, str, str], Job]:
    """`finished(desk, kind, address)`: the job of a page's address, once it is over."""

    def wait(desk: Desk, kind: str, address: str) -> Job:
        job_id = address.rsplit("/", 1)[-1]
        for _ in range(600):
            if not (job := jobs.find(desk.store, job_id, kind)).under_way:
                return job
            sleep(0.05)
        raise TimeoutError(job)

    return wait
