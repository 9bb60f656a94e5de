"""Promotion, refusal and return on a registry of its own, on SQLite."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import mlflow
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from encours import app
from models.credit_model import CreditModel
from training import registry
from training.plots import roc_figure
from training.sample import Sample
from training.train import TrainingResult

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # of MLflow's own code, called here directly
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]


def passes(version: str, validation: dict | None) -> list[str]:
    return []


def refuses(version: str, validation: dict | None) -> list[str]:
    return ["too old", f"{version} was {'never' if validation is None else 'badly'} validated"]


@pytest.fixture(scope="module")
def example(sample: Sample) -> pd.DataFrame:
    return sample.frame(sample.slices.test).head(5).reset_index(drop=True)


@pytest.fixture(scope="module")
def versions(
    tmp_path_factory: pytest.TempPathFactory,
    trained: TrainingResult,
    bundle: Path,
    example: pd.DataFrame,
) -> Iterator[list[str]]:
    """Two registered versions in a registry of their own."""
    uri = f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_URI", uri)
        figure = roc_figure(np.tile([True, False, True], 9), np.arange(27.0))
        yield [
            registry.log_run(
                bundle,
                run_name="test",
                parameters={"fit.seed": 7},
                metrics=trained.metrics,
                figures={"roc": figure},
                example=example,
            )
            for _ in range(2)
        ]


def test_a_new_version_is_the_challenger(versions: list[str]) -> None:
    client = registry.connect()
    challenger = client.get_model_version_by_alias(registry.NAME, "challenger")
    assert str(challenger.version) == versions[-1]
    run = client.get_run(str(client.get_model_version(registry.NAME, versions[0]).run_id))
    assert run.data.params["fit.seed"] == "7"
    plot = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/roc.html")
    assert "Plotly.newPlot" in plot
    assert "<script src=" not in plot.replace("'", '"'), "drawn without the network"


def test_the_logged_model_scores_as_the_bundle_does_missing_values_included(
    versions: list[str], trained: TrainingResult, example: pd.DataFrame
) -> None:
    rows = example.copy()
    rows.iloc[0] = np.nan
    model = mlflow.pyfunc.load_model(f"models:/{registry.NAME}/{versions[0]}")
    expected = trained.model.score(rows)[["default_probability", "log_odds", "grade"]]
    pd.testing.assert_frame_equal(model.predict(rows), expected, check_dtype=False)


def test_mlflow_serves_the_model(
    versions: list[str], trained: TrainingResult, example: pd.DataFrame, tmp_path: Path
) -> None:
    """`mlflow models serve` in a process of its own, asked over HTTP with a missing value."""
    rows = example.copy()
    rows.iloc[0, :5] = np.nan
    values = rows.astype(object).where(rows.notna(), None).to_numpy().tolist()
    port = free_port()
    command = [str(Path(sys.executable).with_name("mlflow")), "models", "serve"]
    options = ["--env-manager", "local", "--port", str(port), "--workers", "1"]
    server = subprocess.Popen(
        [*command, "--model-uri", f"models:/{registry.NAME}/{versions[0]}", *options],
        cwd=tmp_path,
        env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        told = _ask(port, {"dataframe_split": {"columns": list(rows.columns), "data": values}})
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)
    expected = trained.model.score(rows)
    answer = pd.DataFrame(told["predictions"])
    assert answer["grade"].tolist() == expected["grade"].tolist()
    assert answer["log_odds"].to_numpy() == pytest.approx(expected["log_odds"].to_numpy())


def _ask(port: int, body: dict) -> dict:
    for _ in range(240):
        with suppress(httpx.TransportError):
            answer = httpx.post(f"http://127.0.0.1:{port}/invocations", json=body, timeout=30)
            assert answer.status_code == 200, answer.text
            return answer.json()
        time.sleep(0.5)
    raise TimeoutError("mlflow did not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_spark_scores_with_the_model(
    versions: list[str], trained: TrainingResult, example: pd.DataFrame, spark: Any
) -> None:
    """`mlflow.pyfunc.spark_udf`, missing values included."""
    rows = example.copy()
    rows.iloc[0, :5] = np.nan
    registry.connect()
    score = mlflow.pyfunc.spark_udf(
        spark,
        f"models:/{registry.NAME}/{versions[0]}",
        result_type="double",
        env_manager="local",
    )
    frame = spark.createDataFrame(rows.astype(object).where(rows.notna(), None), _schema(rows))
    answer = [row[0] for row in frame.select(score(*rows.columns)).collect()]
    assert answer == pytest.approx(trained.model.score(rows)["default_probability"].tolist())


def _schema(rows: pd.DataFrame) -> str:
    return ", ".join(f"`{name}` double" for name in rows.columns)


def test_the_logged_model_holds_no_pickle(versions: list[str]) -> None:
    """What Python and numba leave behind where it ran is no part of it."""
    registry.connect()
    folder = mlflow.artifacts.download_artifacts(f"models:/{registry.NAME}/{versions[1]}")
    logged = [path for path in Path(folder).rglob("*") if "__pycache__" not in path.parts]
    assert Path(folder) / "MLmodel" in logged
    for path in logged:
        assert path.is_dir() or "\x00" not in path.read_bytes().decode("utf-8"), path


def test_the_first_promotion_exports_the_bundle(versions: list[str], tmp_path: Path) -> None:
    champion = tmp_path / "champion"
    assert registry.promote(versions[0], passes, champion) == versions[0]
    assert registry.champion_version() == versions[0]
    assert CreditModel.load(champion).version
    assert [path.name for path in tmp_path.iterdir()] == ["champion"]


def test_a_refused_model_moves_nothing(versions: list[str], tmp_path: Path) -> None:
    registry.promote(versions[0], passes, tmp_path / "champion")
    before = _contents(tmp_path / "champion")
    with pytest.raises(registry.PromotionRefusedError, match=r"too old; \w+ was \w+ validated"):
        registry.promote("challenger", refuses, tmp_path / "champion")
    assert registry.champion_version() == versions[0]
    assert _contents(tmp_path / "champion") == before


def test_rollback_returns_to_the_former_champion(versions: list[str], tmp_path: Path) -> None:
    registry.promote(versions[0], passes, tmp_path / "champion")
    registry.promote(versions[1], passes, tmp_path / "champion")
    (tmp_path / "champion" / "booster.txt").write_text("spoiled")
    assert registry.rollback(tmp_path / "champion") == versions[0]
    assert registry.champion_version() == versions[0]
    assert CreditModel.load(tmp_path / "champion").version


def test_the_last_report_of_a_version_is_read_by_the_gate_and_sealed_into_its_bundle(
    versions: list[str], trained: TrainingResult, tmp_path: Path
) -> None:
    for verdict in ("FAIL", "PASS"):
        summary = {"verdict": verdict, "counts": {verdict: 1}}
        (tmp_path / "report").mkdir(exist_ok=True)
        (tmp_path / "report" / "validation.json").write_text(json.dumps(summary))
        registry.attach_report(versions[1], tmp_path / "report")
    read: list[object] = []
    registry.promote(versions[1], lambda *given: read.extend(given) or [], tmp_path / "champion")
    assert read == [trained.model.version, summary]
    promoted = CreditModel.load(tmp_path / "champion")
    assert promoted.validation == summary
    assert promoted.version == trained.model.version
    assert "validation.json" in promoted.metadata["sealed"]


def test_a_fail_blocks_promotion_with_exit_status_one(
    versions: list[str], trained: TrainingResult, tmp_path: Path
) -> None:
    check = {"item": 7, "name": "slope", "value": "slope 0.3", "threshold": "0.8 to 1.25"}
    summary = {
        "model_version": trained.model.version,
        "verdict": "FAIL",
        "counts": {"FAIL": 1},
        "checks": [check | {"verdict": "FAIL"}],
    }
    (tmp_path / "validation.json").write_text(json.dumps(summary))
    registry.attach_report(versions[0], tmp_path)
    before = registry.champion_version()
    refused = CliRunner().invoke(app, ["promote", versions[0]])
    assert refused.exit_code == 1
    assert "7 slope: slope 0.3" in " ".join(refused.output.split())
    assert registry.champion_version() == before


def test_an_unknown_model_is_named(versions: list[str], tmp_path: Path) -> None:
    for name in ("99", "pretender"):
        with pytest.raises(KeyError, match=f"no model '{name}'"):
            registry.promote(name, passes, tmp_path / "champion")


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
