from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from training.config import FitSettings
from training.sample import Sample
from training.tune import SEARCHED, tune

pytestmark = pytest.mark.slow
START = FitSettings(max_trees=10, folds=2, early_stopping_rounds=5)


def trials(storage: Path) -> list[optuna.trial.FrozenTrial]:
    return optuna.load_study(study_name="small", storage=f"sqlite:///{storage}").trials


def test_tuning_starts_from_the_settings_and_resumes(sample: Sample, tmp_path: Path) -> None:
    storage = tmp_path / "tuning" / "trials.db"
    tune(sample, START, seconds=0.5, storage=storage, name="small")
    first = trials(storage)
    assert first[0].params == {key: getattr(START, key) for key in SEARCHED}
    found = tune(sample, START, seconds=0.5, storage=storage, name="small")
    assert len(trials(storage)) > len(first)
    best = min(trials(storage), key=lambda trial: trial.value or 1.0)
    assert {key: getattr(found, key) for key in SEARCHED} == best.params
    assert found.max_trees == best.user_attrs["trees"] <= START.max_trees
    assert found.seed == START.seed


def test_tuning_never_reads_later_slices(sample: Sample, tmp_path: Path) -> None:
    matrix = sample.matrix.copy()
    matrix[~sample.slices.train] = 0.0
    blind = replace(sample, matrix=matrix, default=sample.default & sample.slices.train)
    for name, data in (("seeing", sample), ("blind", blind)):
        tune(data, START, seconds=0.1, storage=tmp_path / name, name="small")
    losses = [trials(tmp_path / name)[0].value for name in ("seeing", "blind")]
    assert losses[0] == losses[1]
