"""`encours doctor`, as whoever deploys runs it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from encours import app


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundle: Path, tables: Path) -> None:
    monkeypatch.setenv("ENCOURS_STORE", f"sqlite:///{tmp_path}/store.db")
    monkeypatch.setenv("ENCOURS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ENCOURS_MODEL", str(bundle))
    monkeypatch.setenv("ENCOURS_PORTFOLIO", str(tables))


def doctor(*options: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *options])


def test_a_deployment_that_would_serve(place: None, free_port: int) -> None:
    told = doctor("--port", str(free_port + 5))
    assert told.exit_code == 0, told.output
    assert "0 errors" in told.output
    for check in ("python", "telemetry", "cache", "model", "portfolio", "store", "port", "mlflow"):
        assert check in told.output


def test_one_that_would_not_says_why_and_what_to_do(
    place: None, tmp_path: Path, free_port: int
) -> None:
    told = doctor("--model", str(tmp_path), "--host", "0.0.0.0", "--port", str(free_port + 5))
    assert told.exit_code == 1
    said = " ".join(told.output.split())
    assert "2 errors" in said
    assert "encours promote" in said
    assert "encours key create" in said
    assert "Traceback" not in said
