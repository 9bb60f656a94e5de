"""Tune: LightGBM's parameters by Optuna, inside the training slice only. Resumable."""

from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import lightgbm as lgb
import optuna
from rich.console import Console
from rich.progress import Progress

from training.config import FitSettings
from training.fit import cross_validate, parameters
from training.sample import Sample


class Range(NamedTuple):
    """Where a parameter is looked for; `log`: evenly in its logarithm."""

    low: float
    high: float
    log: bool = False
    whole: bool = False

    def draw(self, trial: optuna.Trial, name: str) -> float:
        """A value for one trial."""
        if self.whole:
            return trial.suggest_int(name, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(name, self.low, self.high, log=self.log)


SEARCHED = {
    "learning_rate": Range(0.01, 0.1, log=True),
    "num_leaves": Range(4, 64, log=True, whole=True),
    "min_data_in_leaf": Range(20, 500, log=True, whole=True),
    "feature_fraction": Range(0.1, 1.0),
    "bagging_fraction": Range(0.4, 1.0),
    "lambda_l2": Range(0.01, 100, log=True),
}


def tune(
    sample: Sample, settings: FitSettings, *, seconds: float, storage: Path, name: str
) -> FitSettings:
    """The settings of the least cross-validated log-loss, found within `seconds` more.

    Folds are cut between buyers of the training slice; later slices are never read. Trials are kept
    under `name` in the SQLite file `storage`: a further call goes on where the last one stopped.
    `settings` are the first trial, and hold what is not searched.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    storage.parent.mkdir(parents=True, exist_ok=True)
    study = optuna.create_study(
        study_name=name,
        storage=f"sqlite:///{storage}",
        load_if_exists=True,
        sampler=optuna.samplers.TPESampler(seed=settings.seed),
    )
    study.enqueue_trial({key: getattr(settings, key) for key in SEARCHED}, skip_if_exists=True)
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task, start = progress.add_task("tuning", total=seconds), monotonic()

        def show(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            text = f"trial {trial.number}, best log-loss {study.best_value:.5f}"
            progress.update(task, completed=monotonic() - start, description=text)

        study.optimize(
            lambda trial: _loss(trial, sample, settings), timeout=seconds, callbacks=[show]
        )
    best = study.best_trial
    return replace(settings, **best.params, max_trees=best.user_attrs["trees"])


def _drawn(trial: optuna.Trial) -> dict[str, Any]:
    return {name: span.draw(trial, name) for name, span in SEARCHED.items()}


def _loss(trial: optuna.Trial, sample: Sample, settings: FitSettings) -> float:
    """Log-loss on held-out buyers of the training slice, at the best number of trees."""
    chosen = replace(settings, **_drawn(trial))
    train = sample.slices.train
    params = parameters(chosen, sample.features)
    data = lgb.Dataset(sample.matrix[train], sample.default[train].astype(float), params=params)
    path = cross_validate(data, sample.place[train], params, chosen)
    trial.set_user_attr("trees", len(path))
    return path[-1]
