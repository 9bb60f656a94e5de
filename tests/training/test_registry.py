"""Promotion, refusal and return on a registry of its own, on SQLite."""

import json
from collections.abc import Iterator
from pathlib import Path

import mlflow
import numpy as np
import pandas as pd
import pytest

from models.credit_model import CreditModel
from training import registry
from training.plots import roc_figure
from training.sample import Sample
from training.train import TrainingResult

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("default"),  # of MLflow's own code, called here directly
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
    assert {file.path for file in client.list_artifacts(run.info.run_id)} >= {"roc.html"}


def test_the_logged_model_scores_as_the_bundle_does_missing_values_included(
    versions: list[str], trained: TrainingResult, example: pd.DataFrame
) -> None:
    rows = example.copy()
    rows.iloc[0] = np.nan
    model = mlflow.pyfunc.load_model(f"models:/{registry.NAME}/{versions[0]}")
    expected = trained.model.score(rows)[["default_probability", "log_odds", "grade"]]
    pd.testing.assert_frame_equal(model.predict(rows), expected, check_dtype=False)


def test_the_logged_model_holds_no_pickle(versions: list[str]) -> None:
    registry.connect()
    folder = mlflow.artifacts.download_artifacts(f"models:/{registry.NAME}/{versions[0]}")
    for path in Path(folder).rglob("*"):
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
    with pytest.raises(registry.PromotionRefusedError, match=r"too old; \w+ was never validated"):
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


def test_an_unknown_model_is_named(versions: list[str], tmp_path: Path) -> None:
    for name in ("99", "pretender"):
        with pytest.raises(KeyError, match=f"no model '{name}'"):
            registry.promote(name, passes, tmp_path / "champion")


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}
