"""Realised against predicted, once a run's window has closed: the labels that training would give.

The label rule is the one the model was trained by. Overdues and claims that were declared to the
service count as the incidents they are.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.facts import Facts
from features.partitions import partitions
from features.tables import TABLES
from models.credit_model import CreditModel
from models.label import LabelRule, label
from models.statistics.jeffreys import jeffreys, jeffreys_interval
from serving.surveillance.beside import Beside
from serving.surveillance.runs import Run
from serving.surveillance.snapshots import Snapshot

INVOICED = ("invoices", "payments")  # read only where invoices make the label


def label_rule(model: CreditModel) -> LabelRule:
    """The rule the model was trained by."""
    told: Mapping[str, Any] = model.metadata.get("config", {}).get("label", {})
    known = {field.name for field in fields(LabelRule)} - {"observed_until"}
    rule = LabelRule(**{name: value for name, value in told.items() if name in known})
    return replace(rule, default_is=tuple(rule.default_is))


def closes_on(rule: LabelRule, as_of_date: date) -> date:
    """The first day on which every outcome of a run is known."""
    return as_of_date + rule.window


def realised(
    model: CreditModel, portfolio: Path, snapshot: Snapshot, observed_until: date, beside: Beside
) -> dict[str, Any]:
    """Defaults in the window of a run, by grade and in all, beside what was predicted on its day.

    Buyers in default on that day are left out, as in training. `too_low` and `too_high` are
    Jeffreys p-values: small where the probabilities were too low, or too high.
    """
    rule = replace(label_rule(model), observed_until=observed_until)
    invoiced = "unpaid" in rule.default_is or rule.at_risk == "invoiced"
    names = [
        name
        for name in TABLES
        if name in ("buyers", "incidents", "fx") or (invoiced and name in INVOICED)
    ]
    grades = list(model.policy.master_scale.names)
    rows, defaults, predicted = np.zeros((3, len(grades)))
    for tables in partitions(portfolio, names=names):
        found = _outcomes(model, rule, beside.tables(tables), snapshot)
        if found is None:
            continue
        grade, default, probability = found
        code = np.array([grades.index(name) for name in grade.to_pylist()], np.int64)
        rows += np.bincount(code, minlength=len(grades))
        defaults += np.bincount(code, default, len(grades))
        predicted += np.bincount(code, probability, len(grades))
    return {
        "run_id": snapshot.run.run_id,
        "as_of_date": str(snapshot.run.as_of_date),
        "closed_on": str(closes_on(rule, snapshot.run.as_of_date)),
        "model_version": snapshot.run.model_version,
        **_told(rows.sum(), defaults.sum(), predicted.sum()),
        "grades": [
            {"grade": name, **_told(n, d, p)}
            for name, n, d, p in zip(grades, rows, defaults, predicted, strict=True)
            if n
        ],
    }


def _told(rows: float, defaults: float, predicted: float) -> dict[str, Any]:
    if not rows:
        return {"rows": 0, "defaults": 0}
    mean = predicted / rows
    test, interval = jeffreys(rows, defaults, mean), jeffreys_interval(int(rows), int(defaults))
    return {
        "rows": int(rows),
        "defaults": int(defaults),
        "predicted": float(mean),
        "observed": interval.value,
        "low": interval.low,
        "high": interval.high,
        "too_low": float(test.too_low),
        "too_high": float(test.too_high),
    }


def _outcomes(
    model: CreditModel, rule: LabelRule, tables: dict[str, pa.Table], snapshot: Snapshot
) -> tuple[pa.ChunkedArray, np.ndarray, np.ndarray] | None:
    """Grade, outcome and probability of the buyers of one partition that were scored then."""
    ids = tables["buyers"]["buyer_id"]
    scored = snapshot.read(
        ("buyer_id", "grade", "default_probability"), pc.min(ids).as_py(), pc.max(ids).as_py()
    )
    scored = scored.filter(pc.is_in(scored["buyer_id"], value_set=ids))
    if not scored.num_rows:
        return None
    facts = Facts.of(tables, model.policy.currency)
    day = np.full(scored.num_rows, snapshot.run.as_of_date, "datetime64[D]")
    labelled = label(facts, facts.keys(scored["buyer_id"].to_pylist(), day), rule)
    kept = pc.index_in(
        facts.buyers.take(pa.array(labelled.keys.buyer)), value_set=scored["buyer_id"]
    )
    rows = scored.take(kept)
    return rows["grade"], labelled.default, rows["default_probability"].to_numpy()


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
