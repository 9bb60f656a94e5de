"""A scenario run from the page says what the command line says, and opens to the buyer."""

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from models.scenarios.scenario import Scenario
from models.scenarios.stress import run
from serving.decide import Desk
from serving.portfolio import legal_entities
from serving.problems import Problem
from serving.workbench import portfolio_work
from serving.workbench.jobs import Job
from serving.workbench.scenario_form import NAMED, form_of, scenario_of

pytestmark = pytest.mark.usefixtures("jobs_folder")
Finished = Callable[[Desk, str, str], Job]


@pytest.mark.parametrize("name", NAMED)
def test_a_named_scenario_gives_what_stress_gives(
    client: Any, desk: Desk, finished: Finished, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portfolio_work, "A_STEP", 64)  # several steps, the same bits
    place = client.post("/scenarios", data={"named": name}).headers["location"]
    job = finished(desk, "scenario", place)
    assert job.state == "done", job.result
    model, facts = desk.champion.now.model, desk.portfolio.facts
    keys = legal_entities(model.policy, facts, desk.portfolio.last_known_day)
    expected = run(model, facts, keys, Scenario.load(name)).buyers
    content = client.get(f"{place}/buyers.csv").content.decode("utf-8-sig")
    rows = {row["buyer_id"]: row for row in csv.DictReader(io.StringIO(content))}
    assert list(rows) == expected.index.tolist()
    for column in ("limit_after", "expected_loss_before", "default_probability_after"):
        assert np.array_equal([float(row[column]) for row in rows.values()], expected[column])
    assert job.result["totals"]["limit_after"] == pytest.approx(expected["limit_after"].sum())
    assert np.array(job.result["migration"]).sum() == len(rows)


def test_one_s_own_scenario_opens_to_the_buyers_of_a_grade(
    client: Any, desk: Desk, finished: Finished
) -> None:
    asked = {"title": "Winter", "shock": "-1,5", "delay_days": "20"}
    place = client.post("/scenarios", data=asked).headers["location"]
    job = finished(desk, "scenario", place)
    assert job.title == "Winter"
    assert (
        job.result["totals"]["expected_loss_after"] > job.result["totals"]["expected_loss_before"]
    )
    text = client.get(place).text
    grade = job.result["groups"]["grade_before"][0]
    drilled = client.get(f"{place}?grade={grade['key']}").text
    assert f"{grade['buyers']} buyers" in drilled
    assert re.search(r'href="/buyers/\w+', drilled)
    assert "Winter" in client.get("/scenarios").text
    assert "Winter" in text
    client.refused(client.get(f"{place}?sort=secret"), "invalid-request")
    other = type(client)(desk, "underwriter")
    other.refused(other.get(place), "not-found")


def test_a_form_says_a_scenario_and_back() -> None:
    shock = Scenario.load("sector-shock")
    assert scenario_of({**form_of(shock), "title": "x"}, ["F", "L"]).sector == shock.sector
    assert scenario_of({"revenue_loss": "12.5"}, []).features.revenue_loss == 0.125


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"shock": "hard"}, "shock"),
        ({"shock": "-99"}, "shock"),
        ({"revenue_loss": "120"}, "features.revenue_loss"),
        ({"sector_shock": "-1"}, "sections"),
        ({"delay_days": "1.5"}, "features.delay_days"),
    ],
)
def test_what_cannot_be_is_named(fields: dict[str, str], said: str) -> None:
    with pytest.raises(Problem, match=said):
        scenario_of(fields, [])


def test_a_scenario_needs_the_permission(client: Any, desk: Desk) -> None:
    viewer = type(client)(desk, "viewer")
    said = viewer.refused(viewer.post("/scenarios", data={"named": "baseline"}), "forbidden")
    assert "'simulate'" in said.detail
    assert "/scenarios" not in viewer.get("/model").text
