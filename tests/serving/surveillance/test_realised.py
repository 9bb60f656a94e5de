"""Outcomes are the labels of training, told once the window has closed and not before."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from features.facts import Facts
from features.tables import read_tables
from models.label import label
from serving.surveillance.beside import Beside
from serving.surveillance.realised import closed_windows, closes_on, label_rule, realised
from serving.surveillance.snapshots import Snapshot

END, NOTHING = date(2025, 12, 31), Beside()


@pytest.fixture
def first(watched) -> Snapshot:
    return Snapshot(watched.first, watched.folder / watched.first.run_id)


def test_defaults_are_those_training_would_label(model, tables: Path, first: Snapshot) -> None:
    found = realised(model, tables, first, END, NOTHING)
    rows = first.read(("buyer_id", "default_probability")).to_pandas()
    facts = Facts.of(read_tables(tables), "EUR")
    day = np.full(len(rows), first.run.as_of_date, "datetime64[D]")
    rule = replace(label_rule(model), observed_until=END)
    labelled = label(facts, facts.keys(rows["buyer_id"].tolist(), day), rule)
    assert found["rows"] == len(labelled.keys) > 0
    assert found["defaults"] == labelled.default.sum() > 0
    kept = rows.set_index("buyer_id").loc[facts.buyer_ids[labelled.keys.buyer]]
    assert found["predicted"] == pytest.approx(kept["default_probability"].mean())
    assert found["observed"] == found["defaults"] / found["rows"]
    assert found["low"] < found["observed"] < found["high"]
    assert sum(grade["rows"] for grade in found["grades"]) == found["rows"]
    assert sum(grade["defaults"] for grade in found["grades"]) == found["defaults"]


def test_a_window_that_is_open_tells_nothing(model, tables: Path, first: Snapshot) -> None:
    early = closes_on(label_rule(model), first.run.as_of_date) - timedelta(days=1)
    assert realised(model, tables, first, early, NOTHING)["rows"] == 0


def test_each_run_is_measured_once(watched, model, tables: Path) -> None:
    past = [watched.second, watched.first]
    (told,) = closed_windows(model, tables, past, watched.folder, END, NOTHING)
    assert told["run_id"] == watched.first.run_id
    assert watched.second.summary["realised"] == [told]
    again = replace(
        watched.second, summary={"realised": [{"run_id": told["run_id"], "as": "told"}]}
    )
    (kept,) = closed_windows(model, tables, [again, watched.first], watched.folder, END, NOTHING)
    assert kept["as"] == "told"
    assert closed_windows(model, tables, past, watched.folder, date(2025, 6, 30), NOTHING) == [told]
    assert (
        closed_windows(model, tables, [watched.first], watched.folder, date(2025, 6, 30), NOTHING)
        == []
    )
