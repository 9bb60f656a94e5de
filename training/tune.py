"""Tune: LightGBM's parameters by Optuna, inside the training slice only. Resumable."""

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

import lightgbm as lgb
import optuna
from optuna.trial import TrialState

from features.facts import Facts
from features.progress import bars
from features.tables import read_tables
from training.config import FitSettings, TrainingConfig
from training.fit import cross_validate, parameters
from training.provenance import data_digest
from training.sample import Sample, assemble


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


FOLDS = 5  # where the configuration names none


def tune_config(
    portfolio: Path, config: TrainingConfig, *, seconds: float, storage: Path
) -> tuple[TrainingConfig, int]:
    """`config` with the best settings found for its training slice, and how many trials there are.

    Trials belong to the data and to everything in `config` that is not searched: a change of
    either begins anew. The number of trees found is fixed: the folds have done their work.
    """
    sample = assemble(Facts.of(read_tables(portfolio), config.currency), config)
    settings = replace(config.fit, folds=config.fit.folds or FOLDS)
    fixed = {k: v for k, v in asdict(replace(config, fit=settings)).items() if k != "fit"}
    fixed["fit"] = {k: v for k, v in asdict(settings).items() if k not in SEARCHED}
    recipe = f"{data_digest(portfolio)}{json.dumps(fixed, default=str, sort_keys=True)}"
    name = hashlib.sha256(recipe.encode()).hexdigest()[:16]
    found = tune(sample, settings, seconds=seconds, storage=storage, name=name)
    trials = optuna.load_study(study_name=name, storage=f"sqlite:///{storage}").trials
    return replace(config, fit=replace(found, folds=0)), len(trials)


def tune(
    sample: Sample, settings: FitSettings, *, seconds: float, storage: Path, name: str
) -> FitSettings:
    """The settings of the least cross-validated log-loss, found within `seconds` more or, where no
    trial is complete by then, in the first.

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
    with bars() as progress:
        task, start = progress.add_task("tuning", total=seconds), monotonic()
        deadline = start + seconds

        def show(study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
            text = f"trial {trial.number}, best log-loss {study.best_value:.5f}"
            progress.update(task, completed=monotonic() - start, description=text)

        study.optimize(
            lambda trial: _loss(trial, sample, settings, deadline),
            timeout=seconds,
            callbacks=[show],
        )
    best = study.best_trial
    return replace(settings, **best.params, max_trees=best.user_attrs["trees"])


def _drawn(trial: optuna.Trial) -> dict[str, Any]:
    return {name: span.draw(trial, name) for name, span in SEARCHED.items()}


def _loss(trial: optuna.Trial, sample: Sample, settings: FitSettings, deadline: float) -> float:
    """Log-loss on held-out buyers of the training slice, at the best number of trees.

    The trial is pruned at the `deadline` (of `monotonic`), unless none is complete yet: the answer
    needs one.
    """
    complete = trial.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))

    def watch(_: Any) -> None:
        if complete and monotonic() > deadline:
            raise optuna.TrialPruned

    chosen = replace(settings, **_drawn(trial))
    train = sample.slices.train
    params = parameters(chosen, sample.features)
    data = lgb.Dataset(sample.matrix[train], sample.default[train].astype(float), params=params)
    path = cross_validate(data, sample.place[train], params, chosen, watch)
    trial.set_user_attr("trees", len(path))
    return path[-1]
