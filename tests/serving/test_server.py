"""Starting, waiting, asking."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from serving.server import ask, running, wait_ready


@pytest.mark.slow
def test_the_decision_comes_or_the_services_own_words(service: str, service_key: str) -> None:
    asked = {"as_of_date": "2025-06-30", "requested_amount": 1000}
    assert ask(service, service_key, buyer_id="B0000017", **asked)["buyer_id"] == "B0000017"
    with pytest.raises(ValueError, match="no buyer 'nobody'"):
        ask(service, service_key, buyer_id="nobody", **asked)


def test_waiting_has_an_end(free_port: int) -> None:
    with pytest.raises(TimeoutError, match="no answer"):
        wait_ready(f"http://127.0.0.1:{free_port + 1}", seconds=0.2)


def test_a_service_that_ended_is_not_waited_for(free_port: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])
    with pytest.raises(ChildProcessError, match="status 3"):
        wait_ready(f"http://127.0.0.1:{free_port + 1}", process)


def test_without_a_bundle_or_tables_nothing_is_started(
    bundle: Path, tables: Path, tmp_path: Path
) -> None:
    for model, portfolio, verb in ((tmp_path, tables, "promote"), (bundle, tmp_path, "generate")):
        with pytest.raises(FileNotFoundError, match=verb), running(model, portfolio):
            pass


def test_a_port_that_is_taken_is_named(bundle: Path, tables: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port} "), running(bundle, tables, port=port):
            pass
