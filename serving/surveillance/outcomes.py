"""Runs whose windows have closed, each measured once: a label never changes once it is given."""

from datetime import date
from pathlib import Path
from typing import Any

from models.credit_model import CreditModel
from serving.surveillance.beside import Beside
from serving.surveillance.realised import closes_on, label_rule, realised
from serving.surveillance.runs import Run
from serving.surveillance.snapshots import Snapshot


def closed_windows(
    model: CreditModel,
    portfolio: Path,
    past: list[Run],
    folder: Path,
    observed_until: date,
    beside: Beside,
) -> list[dict[str, Any]]:
    """Realised against predicted of every finished run whose window has closed, oldest first; those
    told in the last run's summary are not measured again. `past` comes latest first."""
    told = {found["run_id"]: found for found in past[0].summary.get("realised", [])} if past else {}
    rule = label_rule(model)
    for run in reversed(past):
        snapshot = Snapshot(run, folder / run.run_id)
        closed = closes_on(rule, run.as_of_date) <= observed_until
        if closed and run.run_id not in told and snapshot.folder.is_dir():
            told[run.run_id] = realised(model, portfolio, snapshot, observed_until, beside)
    return list(told.values())
