"""Which snapshots are kept: the last runs, then the first of each month, then none."""

import shutil
from pathlib import Path

from serving.store.store import Store
from serving.surveillance.rules import Retention
from serving.surveillance.runs import Run, finished


def prune(store: Store, folder: Path, rule: Retention) -> None:
    """Remove the files of finished runs that are no longer kept; their rows in the store stay."""
    for run in dropped(finished(store), rule):
        shutil.rmtree(folder / run.run_id, ignore_errors=True)


def dropped(runs: list[Run], rule: Retention) -> list[Run]:
    """The runs whose snapshot goes; `runs` come latest first. The first run of a model stays while
    it is the reference of drift."""
    if not runs:
        return []
    months = [run.as_of_date.year * 12 + run.as_of_date.month for run in runs]
    reference = min(run.number for run in runs if run.model_version == runs[0].model_version)
    gone = []
    for place, run in enumerate(runs[rule.runs :], rule.runs):
        first_of_month = place + 1 == len(runs) or months[place + 1] != months[place]
        young = months[0] - months[place] <= rule.months
        if not (first_of_month and young) and run.number != reference:
            gone.append(run)
    return gone
