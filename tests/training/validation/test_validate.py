"""`encours validate` as its user meets it, on two quick sections."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from encours import app
from models.credit_model import CreditModel
from training import registry
from training.train import TrainingResult
from training.validation import calibration, scope, thresholds, validate
from training.validation.validate_model import read_decisions, validate_model

pytestmark = pytest.mark.slow


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validate, "CONTENTS", (scope, calibration))
    monkeypatch.setattr(registry, "champion", lambda: None)


@pytest.fixture
def copy(trained: TrainingResult, bundle: Path, tmp_path: Path) -> Path:
    return shutil.copytree(bundle, tmp_path / "bundle")


def test_a_bundle_is_judged_as_it_learned_and_keeps_the_summary(
    quick: None, copy: Path, portfolio: Path, tmp_path: Path
) -> None:
    result = validate_model(str(copy), portfolio, out=tmp_path / "out")
    model = CreditModel.load(copy)
    assert model.validation == json.loads((tmp_path / "out/validation.json").read_text())
    assert model.validation["model_version"] == model.version == result.about["model_version"]
    assert (tmp_path / "out/report.html").stat().st_size > 1e6  # plotly is in it


def test_an_altered_summary_is_not_served(
    quick: None, copy: Path, portfolio: Path, tmp_path: Path
) -> None:
    validate_model(str(copy), portfolio, out=tmp_path / "out")
    text = (copy / "validation.json").read_text()
    (copy / "validation.json").write_text(text.replace("WARN", "PASS") + " ")
    with pytest.raises(ValueError, match=r"validation\.json is missing or altered"):
        CreditModel.load(copy)


def test_a_fail_exits_with_one(
    quick: None, copy: Path, portfolio: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["validate", str(copy), "--portfolio", str(portfolio), "--out", str(tmp_path / "o")]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    monkeypatch.setattr(thresholds, "DEFAULTS", (10**6, 10**6))
    failed = CliRunner().invoke(app, arguments)
    assert failed.exit_code == 1
    assert "defaults to judge by" in failed.output


def test_decisions_are_read_from_either_kind_of_file(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(
        "buyer_id,as_of_date,model_limit,limit\n007,2024-06-30,1000,2000\n"
    )
    frame = read_decisions(tmp_path / "d.csv")
    frame.to_parquet(tmp_path / "d.parquet")
    for name in ("d.csv", "d.parquet"):
        row = read_decisions(tmp_path / name).iloc[0]
        assert (row["buyer_id"], row["as_of_date"].year, row["limit"]) == ("007", 2024, 2000)
