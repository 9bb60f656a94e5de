"""Run: every model on every data set, each on the same rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import TaskID

from features.progress import bars
from training.benchmark import entrants
from training.benchmark.data_set import DataSet
from training.benchmark.entrants import Entrant
from training.benchmark.folds import seen_before
from training.benchmark.kept import answered
from training.benchmark.measure import Measured, measure
from training.benchmark.ours import ours

OURS, ALTMAN, ORACLE = "encours", "Altman Z''", "oracle"
MODELS: Mapping[str, Entrant] = {
    OURS: ours,
    "random forest": entrants.random_forest,
    "XGBoost": entrants.xgboost,
    "CatBoost": entrants.catboost,
    "logistic": entrants.logistic_regression,
    ALTMAN: entrants.altman,
    ORACLE: entrants.oracle,
}
EXTRA = {"XGBoost": "xgboost", "CatBoost": "catboost"}  # their modules, of the extra `bench`


@dataclass(frozen=True)
class Outcome:
    """What every model showed on one data set; `answers` are probabilities of the test rows."""

    data: DataSet
    measured: Mapping[str, Measured]
    answers: Mapping[str, NDArray[np.float64]]


def run(
    sets: Sequence[Callable[[], DataSet]],
    models: Sequence[str] = tuple(MODELS),
    kept: Path | None = None,
) -> list[Outcome]:
    """Benchmark `models` on each data set, made when its turn comes; progress on the screen.

    Altman's score is left out without accounts, the oracle without truth, and what is not
    installed. Answers are kept in the folder `kept`: a run that was stopped goes on from there.
    """
    outcomes = []
    with bars() as progress:
        everything = progress.add_task("reading", total=len(sets))
        for make in sets:
            data = make()
            able = _able(models, data)
            task = progress.add_task(data.name, total=len(able) * len(data.folds))

            def show(name: str, done: int, data: DataSet = data, task: TaskID = task) -> None:
                text = f"{data.name}: {name}"
                progress.update(task, advance=done, description=text)

            outcomes.append(compete(data, able, show, kept))
            progress.update(everything, advance=1, description="data sets")
    return outcomes


def compete(
    data: DataSet,
    models: Sequence[str] = tuple(MODELS),
    on_fold: Callable[[str, int], None] = lambda name, done: None,
    kept: Path | None = None,
) -> Outcome:
    """Every model on one data set. `on_fold` is told a model's name before its first fold, with 0,
    and after each fold, with 1."""
    _, seen = seen_before(data)
    answers: dict[str, list[NDArray[np.float64]]] = {}
    measured = {}
    for name in _able(models, data):
        on_fold(name, 0)
        answers[name], seconds = [], 0.0
        for fold in data.folds:
            answer, took = answered(kept, name, data, fold, MODELS[name])
            answers[name].append(answer)
            seconds += took
            on_fold(name, 1)
        reference = answers[OURS] if OURS in answers and name != OURS else None
        measured[name] = measure(data, answers[name], reference, seen, seconds)
    together = {name: np.concatenate(parts) for name, parts in answers.items()}
    return Outcome(data, measured, together)


def _able(models: Sequence[str], data: DataSet) -> list[str]:
    """The models that can answer; where the truth is known the oracle is the yardstick of all."""
    return [name for name in MODELS if name in (*models, ORACLE) and _can(name, data)]


def _can(name: str, data: DataSet) -> bool:
    if name in EXTRA:
        return find_spec(EXTRA[name]) is not None
    if name == ALTMAN:
        return data.z_score is not None
    return name != ORACLE or data.truth is not None
