import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from features.quiet import SILENT
from serving.doctor import machine
from serving.doctor.examine import LOCK
from serving.doctor.machine import check_port, check_python, check_room, check_silence


def test_libraries_are_compared_with_the_lock(tmp_path: Path, monkeypatch) -> None:
    assert check_python(LOCK).level == "ok"
    other = tmp_path / "lock"
    other.write_text("numpy==0.1 \\\n    --hash=sha256:0\n")
    finding = check_python(other)
    assert finding.level == "warning"
    assert "tested with 0.1" in finding.says
    monkeypatch.setattr(machine.platform, "python_version", lambda: "3.10.2")
    assert check_python(LOCK).level == "error"


def test_a_folder_is_written_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert check_room("cache", tmp_path / "not" / "yet").level == "ok"

    def refused(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(machine, "TemporaryFile", refused)
        finding = check_room("cache", tmp_path)
    assert finding.level == "error"
    assert "Permission denied" in finding.says
    assert str(tmp_path) in finding.remedy
    monkeypatch.setattr(machine, "LEAST_ROOM", 2**62)
    assert "a full disk" in check_room("cache", tmp_path).remedy


def test_a_free_port_is_well_and_a_strangers_is_not() -> None:
    class Stranger(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    finding = check_port("0.0.0.0", server.server_port)
    server.shutdown()
    thread.join()
    server.server_close()
    assert finding.level == "error"
    assert "--port" in finding.remedy
    assert check_port("127.0.0.1", server.server_port).level == "ok"


@pytest.mark.slow
def test_our_own_service_may_hold_the_port(service: str) -> None:
    port = int(service.rsplit(":", 1)[1])
    assert check_port("127.0.0.1", port).says == f"the service answers on {port}"


def test_a_port_that_says_nothing_is_a_strangers() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert check_port("127.0.0.1", mute.getsockname()[1]).level == "error"


def test_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SILENT.items():
        monkeypatch.setenv(name, value)
    assert check_silence().level == "ok"
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    assert "MLFLOW_DISABLE_TELEMETRY" in check_silence().says
