"""`bentoml build` on a clean clone, with no network: the bento answers as the source does."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving.access.keys import create_key
from serving.decide import Desk
from serving.server import wait_ready
from tests.serving.guard import CALLED, guarded

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
ASKED = {"buyer_id": "B0000017", "as_of_date": "2025-06-30", "requested_amount": 80_000}
DECISION_ID = re.compile(rb'"decision_id":"[^"]*"')


def clone(folder: Path) -> None:
    """The files under version control as they are now."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.decode().rstrip("\0").split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def test_the_bento_serves_the_same_bytes(
    client: Any, desk: Desk, bundle: Path, tables: Path, tmp_path: Path, free_port: int
) -> None:
    source = tmp_path / "clone"
    clone(source)
    shutil.copytree(bundle, source / "var" / "champion")
    environment = guarded(tmp_path) | {"BENTOML_HOME": str(tmp_path / "home")}
    bento = [sys.executable, "-m", "bentoml"]
    built = subprocess.run(
        [*bento, "build", "--output", "tag"],
        cwd=source,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (folder,) = (path for path in (tmp_path / "home/bentos/encours").iterdir() if path.is_dir())
    inside = {str(path.relative_to(folder / "src")) for path in (folder / "src").rglob("*")}
    assert {f"var/champion/{path.name}" for path in bundle.iterdir()} <= inside
    assert "serving/store/migrations/versions/0001_decisions.py" in inside
    assert not [path for path in inside if path.startswith(("tests", "notebooks", "var/encours"))]
    shutil.rmtree(source)  # the bento stands alone

    key = create_key(desk.store, "erp", "engine")
    port = free_port + 2
    process = subprocess.Popen(
        [*bento, "serve", str(folder), "--host", "127.0.0.1", "--port", str(port)],
        cwd=tmp_path,
        env=environment
        | {
            "ENCOURS_PORTFOLIO": str(tables),
            "ENCOURS_STORE": str(desk.store._engine.url),
            "ENCOURS_CACHE": str(tmp_path / "cache"),
            "ENCOURS_WORKERS": "1",
        },
    )
    try:
        wait_ready(f"http://127.0.0.1:{port}", process, 180)  # a new place compiles its kernels
        answer = httpx.post(
            f"http://127.0.0.1:{port}/v1/score", json=ASKED, headers={"X-API-Key": key}, timeout=60
        )
    finally:
        process.terminate()
        process.wait(30)
    ours = client.post("/v1/score", json=ASKED)
    assert answer.status_code == ours.status_code == 200
    assert DECISION_ID.sub(b"", answer.content) == DECISION_ID.sub(b"", ours.content)
    assert not (tmp_path / CALLED).exists(), (tmp_path / CALLED).read_text()


def test_what_serves_is_what_was_tested() -> None:
    """The lock of the bento pins the versions of the whole lock, and nothing else."""

    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==\S+", (ROOT / name).read_text(), re.M))

    serve, whole = pins("requirements-serve.lock"), pins("requirements.lock")
    assert len(serve) > 100
    assert serve <= whole
    assert not [pin for pin in serve if pin.startswith(("pytest", "pyspark", "playwright"))]
