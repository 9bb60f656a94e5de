"""Whatever door one comes in by, the libraries do not phone home."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from features.quiet import SILENT, hush

ROOT = Path(__file__).parents[2]
BARE = {"PATH": "/usr/bin:/bin", "HOME": "/tmp", "PYTHONPATH": str(ROOT)}  # no setting of ours
MLFLOW = "from mlflow.telemetry import get_telemetry_client as c; print(c() is not None)"
BENTOML = (
    "from bentoml._internal.utils.analytics.usage_stats import do_not_track as d; print(not d())"
)


def phones_home(program: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        env=BARE,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.lower())


def test_every_way_in_is_silent() -> None:
    assert not phones_home(f"import serving\n{BENTOML}")
    assert not phones_home(f"import training\n{MLFLOW}")
    told = f"import encours, os; print(any(os.environ.get(n) != v for n, v in {SILENT}.items()))"
    assert not phones_home(told)


def test_without_us_they_would() -> None:
    """So the tests above can fail."""
    assert phones_home(BENTOML)
    assert phones_home(MLFLOW)


def test_who_wants_to_be_counted_may(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SILENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DO_NOT_TRACK", "false")
    hush()
    assert os.environ["DO_NOT_TRACK"] == "false"
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_the_notebooks_ask_us_before_mlflow() -> None:
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(notebook.read_text())["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        if "import mlflow" in code:
            assert code.index("from training") < code.index("import mlflow"), notebook.name


def test_the_command_the_demo_tells_people_to_run_is_silent() -> None:
    lines = [line for line in (ROOT / "encours.py").read_text().splitlines() if "mlflow ui" in line]
    assert lines
    assert all("DO_NOT_TRACK=true" in line for line in lines)
