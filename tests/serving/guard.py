"""An environment in which a process notes every name it looks up and address it calls elsewhere."""

import os
from pathlib import Path

from features.quiet import SILENT

CALLED = "called"
GUARD = """
import os, socket
connect, look = socket.socket.connect, socket.getaddrinfo
def note(host):
    if host and not str(host).startswith(("127.", "::1", "localhost", "0.0.0.0")):
        with open(os.environ["GUARD"], "a") as file:
            print(host, file=file)
def guarded(self, address):
    note(address[0] if isinstance(address, tuple) else None)
    return connect(self, address)
def looked(host, *rest, **more):
    note(host)
    return look(host, *rest, **more)
socket.socket.connect, socket.getaddrinfo = guarded, looked
"""


def guarded(folder: Path, *roots: Path) -> dict[str, str]:
    """The environment, without our own settings against telemetry; calls are noted in CALLED."""
    (folder / "sitecustomize.py").write_text(GUARD)
    kept = {name: value for name, value in os.environ.items() if name not in SILENT}
    path = os.pathsep.join(str(one) for one in (folder, *roots))
    return {**kept, "GUARD": str(folder / CALLED), "PYTHONPATH": path}
