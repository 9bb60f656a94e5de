"""The model page: calibration against what happened, drift, validation, or what is missing."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.label import label
from serving.decide import Desk
from serving.portfolio import legal_entities
from serving.surveillance.realised import label_rule
from serving.workbench.jobs import Job
from serving.workbench.model_page import SIDE, _at
from serving.workbench.portfolio_work import calibration

pytestmark = pytest.mark.usefixtures("jobs_folder")
Finished = Callable[[Desk, str, str], Job]


def name_of(desk: Desk) -> str:
    return f"{desk.champion.now.model.version}-{desk.portfolio.version}"


def test_calibration_counts_what_happened(desk: Desk) -> None:
    model, portfolio = desk.champion.now.model, desk.portfolio
    found = calibration(model, portfolio, lambda step, done, total: None)
    day = np.datetime64(portfolio.last_known_day) - 365
    assert found["as_of_date"] == str(day)
    labelled = label(
        portfolio.facts,
        legal_entities(model.policy, portfolio.facts, day.item()),
        label_rule(model),
    )
    *grades, everyone = found["rows"]
    assert everyone["grade"] is None
    assert everyone["rows"] == len(labelled.default) == sum(row["rows"] for row in grades)
    assert everyone["defaults"] == labelled.default.sum() == sum(row["defaults"] for row in grades)
    for row in found["rows"]:
        assert row["low"] <= row["observed"] <= row["high"] or row["defaults"] in (0, row["rows"])


def test_the_page_measures_once_for_all(client: Any, desk: Desk, finished: Finished) -> None:
    first = client.get("/model").text
    assert "This bundle holds no validation" in first
    job = finished(desk, "measure", name_of(desk))
    assert job.state == "done", job.result
    viewer = type(client)(desk, "viewer")
    text = viewer.get("/model").text
    assert text.count('class="dot"') == len(job.result["rows"]) - 1
    assert "Not measured yet" in text  # of drift: there is no run
    assert viewer.get(f"/jobs/measure/{job.job_id}").json()["state"] == "done"


def test_drift_is_that_of_the_last_run(reader: Callable[..., Any]) -> None:
    assert "against the first run of this model" in reader("viewer").get("/model").text


def test_the_validation_of_the_bundle_is_shown(
    client: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = {"item": 5, "verdict": "WARN", "value": "<b>0.9</b>", "threshold": "≥ 1", "number": 0.9}
    challenged = {**check, "section": "Discrimination and challengers", "name": "beats logistic"}
    told = {
        "verdict": "WARN",
        "counts": {"PASS": 1, "WARN": 1},
        "test_population": "9 rows",
        "validated_at": "2026-01-01T00:00:00+00:00",
        "checks": [{**check, "section": "Scope", "name": "rows", "verdict": "PASS"}, challenged],
    }
    now = desk.champion.now
    model = replace(now.model, validation=json.loads(json.dumps(told)))
    monkeypatch.setattr(desk.champion, "now", replace(now, model=model))
    text = client.get("/model").text
    assert text.count("beats logistic") == 2
    assert "&lt;b&gt;0.9" in text
    assert "9 rows" in text


def test_axes_are_logarithmic() -> None:
    assert _at(1.0) == SIDE
    assert _at(0.0) == _at(1e-9) == 0.0
    assert _at(0.01) == pytest.approx(SIDE / 2)
