from dataclasses import replace
from pathlib import Path

import optuna
import pytest

from training.config import FitSettings, TrainingConfig
from training.sample import Sample
from training.tune import SEARCHED, tune, tune_config

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


def test_a_tuned_configuration_is_a_file_that_trains(
    portfolio: Path, config: TrainingConfig, tmp_path: Path
) -> None:
    """The second call goes on with the trials of the first; other data would begin anew."""
    short = replace(config, fit=replace(config.fit, max_trees=10, early_stopping_rounds=5))
    arguments = {"seconds": 0.5, "storage": tmp_path / "trials.db"}
    _, before = tune_config(portfolio, short, **arguments)
    tuned, after = tune_config(portfolio, short, **arguments)
    assert after > before >= 1
    (tmp_path / "tuned.toml").write_text(tuned.to_toml())
    assert TrainingConfig.load(tmp_path / "tuned.toml") == tuned
    assert (tuned.split, tuned.label, tuned.fit.folds) == (config.split, config.label, 0)


def test_a_trial_ends_where_the_time_does_once_one_is_complete(
    sample: Sample, tmp_path: Path
) -> None:
    storage = tmp_path / "trials.db"
    tune(sample, START, seconds=0.01, storage=storage, name="small")
    endless = replace(START, max_trees=1_000_000, early_stopping_rounds=1_000_000)
    found = tune(sample, endless, seconds=0.5, storage=storage, name="small")
    states = [trial.state for trial in trials(storage)]
    assert states[0] is optuna.trial.TrialState.COMPLETE
    assert states[-1] is optuna.trial.TrialState.PRUNED
    assert found.max_trees <= START.max_trees
