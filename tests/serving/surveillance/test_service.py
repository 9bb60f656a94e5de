"""The verb as a user runs it: once, and as a process that runs on what changes until it is told."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from serving.access.caller import Caller
from serving.declarations.events import Event, declare
from serving.store.store import Store
from serving.store.surveillance import now
from serving.surveillance import service
from serving.surveillance.runs import finished
from serving.surveillance.service import day_of, parse_every, repeat

ROOT = Path(__file__).parents[3]


def test_the_day_that_is_meant(tables: Path) -> None:
    assert day_of("2025-06-30", tables) == date(2025, 6, 30)
    assert day_of("newest", tables) == date(2025, 12, 31)
    assert abs(day_of("today", tables) - now().date()).days <= 1
    with pytest.raises(ValueError, match="newest"):
        day_of("yesterday", tables)


def start(*arguments: object, store: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "encours", "surveil", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "ENCOURS_STORE": store},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_it_runs_again_when_the_tables_change_and_ends_when_told(
    tables: Path, bundle: Path, tmp_path: Path
) -> None:
    portfolio, page = tmp_path / "tables", tmp_path / "page.html"
    shutil.copytree(tables, portfolio)
    address = f"sqlite:///{tmp_path}/store.db"
    process = start(
        portfolio,
        *("--model", bundle, "--folder", tmp_path / "runs", "--out", page, "--on-change"),
        store=address,
    )
    store = Store(address)

    def wait(runs: int) -> None:
        while len(finished(store)) < runs:
            assert process.poll() is None, process.communicate()
            time.sleep(0.1)

    wait(1)
    (portfolio / "esg.parquet").unlink()
    wait(2)
    event = Event(buyer_id="B0000007", event_date="2025-12-30", known_on="2025-12-31", amount=1)
    with store.writing() as connection:
        declare(event, "claim", Caller("ada", "underwriter", "person"), "EUR", connection)
    wait(3)
    process.send_signal(signal.SIGTERM)
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "surveillance on 2025-12-31" in told
    assert "Surveillance on 2025-12-31" in page.read_text()
    store.close()


@pytest.mark.parametrize("text", ["", "15", "0m", "m", "1w", "-1h", "1.5h"])
def test_what_is_no_interval_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write 30s"):
        parse_every(text)


def runs_until(count: int, every: timedelta | None, changes: list[bool]) -> int:
    stop, done = threading.Event(), []

    def work() -> None:
        done.append(1)
        if len(done) == count:
            stop.set()

    def changed() -> bool:
        if not changes:
            stop.set()
            return False
        return changes.pop(0)

    repeat(work, stop, every, changed)
    return len(done)


def test_it_runs_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOOK", 0.001)
    assert runs_until(3, timedelta(milliseconds=2), [False] * 1000) == 3


def test_it_runs_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LOOK", 0.001)
    assert runs_until(9, None, [False, True, False, False, True]) == 3
