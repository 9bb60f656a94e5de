"""The model: what serves, its validation, its calibration on what happened since, drift, and the
challengers it was set against."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import log
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from features.catalog import CATALOG
from models.explanation import LANGUAGES
from serving.access.door import needs
from serving.decide import Desk, desk_of
from serving.surveillance.runs import Run, finished
from serving.workbench import jobs
from serving.workbench.frame import page
from serving.workbench.jobs import Job, Jobs
from serving.workbench.language import language_of
from serving.workbench.portfolio_work import calibration

KIND = "measure"
MOST_DRIFTED = 12  # features shown
# The calibration plot, in its own units: both axes are logarithmic from LEAST to 1.
SIDE, LEAST = 320.0, 1e-4

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/model", dependencies=[needs("read")])
def model(request: Request) -> HTMLResponse:
    """Everything there is to know of what answers now."""
    desk = desk_of(request)
    in_force = desk.champion.now
    measured = _measured(desk, request.app.state.jobs)
    run = next(iter(finished(desk.store, 1)), None)
    validation = getattr(in_force.model, "validation", None)
    return page(
        request,
        "model.html",
        in_force=in_force,
        model=in_force.model,
        metadata=in_force.model.metadata,
        validation=validation,
        checks=_by_section(validation),
        rivals=_rivals(validation),
        measured=measured,
        points=_points(measured.result.get("rows", ())),
        ticks=[(_at(tick), tick) for tick in (0.001, 0.01, 0.1, 1.0)],
        side=SIDE,
        run=run,
        drifted=_drifted(run, LANGUAGES.index(language_of(request))),
        grades=in_force.model.policy.master_scale.names,
    )


def _measured(desk: Desk, worker: Jobs) -> Job:
    """Calibration of this model on these tables, measured once for all readers."""
    model, portfolio = desk.champion.now.model, desk.portfolio
    name = f"{model.version}-{portfolio.version}"
    job, must_start = jobs.shared(desk.store, KIND, name, "calibration")
    if must_start:
        worker.start(job, lambda _, progress: calibration(model, portfolio, progress))
    return job


def _points(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Each grade where its prediction and what was observed meet; a grade that saw no default
    stands on the lower edge."""
    return [
        {
            **row,
            "x": _at(row["predicted"]),
            "y": SIDE - _at(row["observed"]),
            "low_y": SIDE - _at(row["low"]),
            "high_y": SIDE - _at(row["high"]),
        }
        for row in rows
        if row["grade"] is not None
    ]


def _at(share: float) -> float:
    """The place of a share on a logarithmic axis."""
    return SIDE * (1 - log(max(share, LEAST)) / log(LEAST))


def _by_section(validation: Mapping[str, Any] | None) -> list[tuple[str, list[dict[str, Any]]]]:
    """The checks of the validation report, section by section."""
    checks = validation["checks"] if validation else []
    return [(name, list(some)) for name, some in groupby(checks, lambda check: check["section"])]


def _rivals(validation: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The checks that set the model against others."""
    checks = validation["checks"] if validation else []
    return [check for check in checks if "challenger" in check["section"].lower()]


def _drifted(run: Run | None, place: int) -> list[dict[str, Any]]:
    """The features that moved most since the model's first run, with what chance alone does."""
    if run is None:
        return []
    labels = {feature.name: (feature.en, feature.fr)[place] for feature in CATALOG}
    found = [
        {**drift, "label": labels.get(name, name)}
        for name, drift in run.summary["drift"]["features"].items()
    ]
    return sorted(found, key=lambda drift: -drift["index"])[:MOST_DRIFTED]
