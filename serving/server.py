"""Start the service and ask it: what the command line, the demo and the tests share."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from serving.environment import ROOT, store_address
from serving.kernels import compile_kernels

HERE = "127.0.0.1"
LONGEST_START = 60.0  # seconds; some five on two idle cores


def serve(model: Path, portfolio: Path, *, host: str, port: int, workers: int) -> None:
    """Serve until interrupted: this process becomes the server."""
    _check_free(host, port)
    environment = _environment(model, portfolio, workers)  # paths are relative to where we stand
    compile_kernels(environment)
    os.chdir(ROOT)
    os.execve(sys.executable, _command(host, port), environment)  # noqa: S606


@contextmanager
def running(
    model: Path,
    portfolio: Path,
    *,
    port: int = 3000,
    workers: int = 2,
    keep: bool = False,
    environment: dict[str, str] | None = None,
) -> Iterator[str]:
    """The address of a service on this machine, once it is ready. It stops at the end, or, with
    `keep`, when interrupted. Raises OSError where the port is taken, or the bundle or tables are
    missing."""
    _check_free(HERE, port)
    told = {**_environment(model, portfolio, workers), **(environment or {})}
    compile_kernels(told)
    process = subprocess.Popen(_command(HERE, port), cwd=ROOT, env=told)  # noqa: S603
    address = f"http://{HERE}:{port}"
    try:
        wait_ready(address, process)
        yield address
        if keep:
            process.wait()
    except KeyboardInterrupt:
        pass
    finally:
        process.terminate()
        process.wait(30)


def wait_ready(
    address: str, process: "subprocess.Popen[bytes] | None" = None, seconds: float = LONGEST_START
) -> None:
    """Return once the service at `address` answers. Raises TimeoutError, or ChildProcessError
    where `process` has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process is not None and process.poll() is not None:
            raise ChildProcessError(f"the service ended with status {process.returncode}")
        try:
            if httpx.get(f"{address}/readyz", timeout=1).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"no answer from {address}/readyz within {seconds:.0f} s")


def ask(address: str, key: str, **question: Any) -> dict[str, Any]:
    """The decision on one question (the fields of `POST /score`), asked with `key`. Raises
    ValueError with the service's own words where it refuses."""
    bearer = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(f"{address}/v1/score", json=question, headers=bearer, timeout=30)
    content = answer.json()
    if answer.is_error:
        raise ValueError(content["detail"])
    return dict(content)


def _check_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        if probe.connect_ex((host, port)) == 0:
            raise OSError(f"port {port} of {host} is taken; choose another with --port")


def _command(host: str, port: int) -> list[str]:
    serving = ["serve", "serving.service:Encours", "--host", host, "--port", str(port)]
    return [sys.executable, "-m", "bentoml", *serving]


def _environment(model: Path, portfolio: Path, workers: int) -> dict[str, str]:
    """What the workers are told; FileNotFoundError where they could not start."""
    for path, verb in (
        (model / "metadata.json", "promote"),
        (portfolio / "buyers.parquet", "generate"),
    ):
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing; make it with `encours {verb}`")
    return {
        **os.environ,
        "ENCOURS_MODEL": str(model.resolve()),
        "ENCOURS_STORE": store_address(),
        "ENCOURS_PORTFOLIO": str(portfolio.resolve()),
        "ENCOURS_WORKERS": str(workers),
    }
