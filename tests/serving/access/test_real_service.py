"""`encours serve` on a new store, as a person starts it: what it prints, admits, logs and calls."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from serving.server import wait_ready
from tests.serving.guard import CALLED, guarded

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
ASKED = {"buyer_id": "B0000017", "as_of_date": "2025-06-30"}


class Started:
    """The service, where it is, all that it printed, and whom it called."""

    def __init__(self, folder: Path, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"
        self.log = folder / "log"
        self.called = folder / CALLED

    @property
    def printed(self) -> str:
        return self.log.read_text()


@pytest.fixture(scope="module")
def started(
    bundle: Path, tables: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("started")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    service = Started(folder, port)
    environment = {
        **guarded(folder, ROOT),
        "ENCOURS_STORE": f"sqlite:///{folder}/store.db",
        "ENCOURS_CACHE": str(folder / "cache"),
        "BENTOML_HOME": str(folder / "home"),
    }
    command = [sys.executable, "-m", "encours", "serve", "--port", str(port), "--workers", "1"]
    with service.log.open("w") as log:
        process = subprocess.Popen(
            [*command, "--model", str(bundle), "--portfolio", str(tables)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            wait_ready(service.address, process)
            yield service
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def test_what_a_new_store_prints_lets_in_and_is_never_said_again(started: Started) -> None:
    first = started.printed
    key = re.search(r"key +(encours_\S+)", first).group(1)
    name, password = re.search(r"sign in as (\S+), password (\S+)", first).groups()
    bearer = {"Authorization": f"Bearer {key}"}
    browser = httpx.Client(base_url=started.address, headers={"Accept": "text/html"})

    assert httpx.post(f"{started.address}/v1/score", json=ASKED).status_code == 401
    with httpx.Client(base_url=started.address, headers=bearer) as machine:
        assert machine.post("/v1/score", json=ASKED).status_code == 200
        assert machine.post("/v1/score", content=b"{" + key.encode()).status_code == 400
        assert machine.get(f"/v1/decisions/{key}").status_code == 404
        for forwarded in ("127.0.0.1", "203.0.113.9"):
            headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
            assert machine.get("/v1/models", headers=headers).status_code == 401
    wrong = {"name": password, "password": "a mistaken secret"}
    assert browser.post("/sign-in", data=wrong).status_code == 401
    signed_in = browser.post("/sign-in", data={"name": name, "password": password})
    assert signed_in.status_code == 303
    assert "Secure" not in signed_in.headers["set-cookie"]  # X-Forwarded-Proto is not believed
    account = browser.get("/account")
    token = re.search(r'csrf-token" content="([^"]+)"', account.text).group(1)
    cookie = browser.cookies["encours_session"]
    assert browser.post("/sign-out", data={"csrf_token": token}).status_code == 303
    browser.close()

    later = started.printed.removeprefix(first)
    assert "signed in: " + name in later
    for secret in (key, key.split("_", 2)[2], password, "a mistaken secret", token, cookie):
        assert secret not in later
    assert first.count(key) == first.count(password) == 1


def test_it_calls_nobody(started: Started) -> None:
    assert not started.called.exists(), started.called.read_text()


def test_others_are_refused_before_anything_starts(
    bundle: Path, tables: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "encours", "serve", "--host", "0.0.0.0", "--port", "9"]
    done = subprocess.run(
        [*command, "--model", str(bundle), "--portfolio", str(tables)],
        cwd=ROOT,
        env={**os.environ, "ENCOURS_STORE": f"sqlite:///{tmp_path}/store.db"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "encours key create" in said and "encours user add" in said
    assert "Traceback" not in said
