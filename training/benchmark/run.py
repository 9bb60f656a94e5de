"""Run: every model on every data set, each on the same rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from training.benchmark import entrants
from training.benchmark.data_set import DataSet
from training.benchmark.entrants import Entrant
from training.benchmark.folds import seen_before
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
    sets: Sequence[Callable[[], DataSet]], models: Sequence[str] = tuple(MODELS)
) -> list[Outcome]:
    """Benchmark `models` on each data set, made when its turn comes; progress on the screen.

    Altman's score is left out without accounts, the oracle without truth, and what is not
    installed.
    """
    console = Console(stderr=True)
    outcomes = []
    with Progress(console=console, disable=not console.is_terminal) as progress:
        everything = progress.add_task("reading", total=len(sets))
        for make in sets:
            data = make()
            task = progress.add_task(data.name, total=len(models) * len(data.folds))

            def show(name: str, data: DataSet = data, task: object = task) -> None:
                text = f"{data.name}: {name}"
                progress.update(task, advance=1, description=text)  # type: ignore[arg-type]

            outcomes.append(compete(data, models, show))
            progress.update(everything, advance=1, description="data sets")
    return outcomes


def compete(
    data: DataSet,
    models: Sequence[str] = tuple(MODELS),
    on_fold: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Every model on one data set."""
    _, seen = seen_before(data)
    answers: dict[str, list[NDArray[np.float64]]] = {}
    measured = {}
    for name in (name for name in models if _can(name, data)):
        start = perf_counter()
        answers[name] = []
        for fold in data.folds:
            answers[name].append(np.asarray(MODELS[name](data, fold), np.float64))
            on_fold(name)
        seconds = perf_counter() - start
        reference = answers[OURS] if OURS in answers and name != OURS else None
        measured[name] = measure(data, answers[name], reference, seen, seconds)
    together = {name: np.concatenate(parts) for name, parts in answers.items()}
    return Outcome(data, measured, together)


def _can(name: str, data: DataSet) -> bool:
    if name in EXTRA:
        return find_spec(EXTRA[name]) is not None
    if name == ALTMAN:
        return data.z_score is not None
    return name != ORACLE or data.truth is not None
