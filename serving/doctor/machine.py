"""The machine: Python, room to write, the port, silence."""

import os
import platform
import shutil
import socket
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile

import httpx

from features.quiet import SILENT
from serving.doctor.finding import Finding

PYTHON = "3.11"
TESTED = ("bentoml", "fastapi", "numba", "numpy", "pyarrow", "pydantic", "sqlalchemy", "starlette")
LEAST_ROOM = 2**30  # bytes


def check_python(lock: Path) -> Finding:
    """The interpreter, and whether the libraries are those that were tested."""
    here = platform.python_version()
    if not here.startswith(f"{PYTHON}."):
        return Finding("python", "error", f"Python {here}", f"use Python {PYTHON}")
    pinned = _pins(lock)
    other = [
        f"{name} {found}, tested with {pinned[name]}"
        for name in TESTED
        if name in pinned and (found := _version(name)) != pinned[name]
    ]
    if other:
        remedy = f"pip install --require-hashes -r {lock.name}"
        return Finding("python", "warning", "; ".join(other), remedy)
    tested = f"libraries as in {lock.name}" if pinned else "no lock beside to compare libraries to"
    return Finding("python", "ok", f"Python {here}, {tested}")


def check_room(name: str, folder: Path) -> Finding:
    """Whether a folder can be written, and has room."""
    standing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with TemporaryFile(dir=standing):
            pass
    except OSError as error:
        remedy = f"let the user that serves write there: chown {os.getuid()} {standing}"
        return Finding(name, "error", f"{folder}: {error.strerror}", remedy)
    free = shutil.disk_usage(standing).free
    says = f"{folder} can be written, {free / 2**30:.1f} GiB free"
    if free < LEAST_ROOM:
        return Finding(name, "error", says, "make room: a full disk keeps no decision")
    return Finding(name, "ok", says)


def check_port(host: str, port: int) -> Finding:
    """Whether the port is free to serve on, or our service answers there already."""
    near = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104
    with socket.socket(socket.AF_INET6 if ":" in near else socket.AF_INET) as probe:
        probe.settimeout(2)
        if probe.connect_ex((near, port)) != 0:
            return Finding("port", "ok", f"{port} is free")
    try:
        ready = httpx.get(f"http://{near}:{port}/readyz", timeout=2).is_success
        ours = "encours" in httpx.get(f"http://{near}:{port}/openapi.json", timeout=2).text[:200]
    except httpx.HTTPError:
        ready = ours = False
    if ready and ours:
        return Finding("port", "ok", f"the service answers on {port}")
    remedy = "stop what listens there, or choose another with --port"
    return Finding("port", "error", f"{port} is taken by something else", remedy)


def check_silence() -> Finding:
    """Whether telemetry of the libraries is off."""
    on = [name for name, off in SILENT.items() if os.environ.get(name, "").lower() != off.lower()]
    if on:
        return Finding(
            "telemetry", "error", f"{', '.join(on)} set otherwise", "unset them: we turn it off"
        )
    return Finding("telemetry", "ok", "off in BentoML and MLflow")


def _pins(lock: Path) -> dict[str, str]:
    lines = lock.read_text().splitlines() if lock.is_file() else []
    pairs = [line.rstrip(" \\").split("==") for line in lines if "==" in line and line[0].isalpha()]
    return dict(pairs)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
