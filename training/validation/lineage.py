"""2 Data: which tables, how complete, how many defaults when."""

import hashlib

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from models.statistics.jeffreys import jeffreys_interval
from training.provenance import data_digest
from training.validation.case import Case
from training.validation.check import Section, holds

SPARSE = 0.5  # share missing above which a feature is listed


def section(case: Case) -> Section:
    """Digest of the tables, defaults by as-of day, and what is missing."""
    digest = data_digest(case.portfolio)
    learned = str(case.model.metadata.get("data_digest", ""))
    by_day, sample = _by_day(case), case.sample
    test = sample.slices.test
    missing = pd.DataFrame(
        {
            "train, missing": np.isnan(sample.matrix[sample.slices.train]).mean(axis=0),
            "test, missing": np.isnan(sample.matrix[test]).mean(axis=0),
        },
        index=pd.Index(sample.names, name="feature"),
    )
    jump = (missing["test, missing"] - missing["train, missing"]).abs().max()
    checks = (
        holds(
            "the data it was learned on",
            digest == learned,
            f"SHA-256 {digest[:12]}…; learned on {learned[:12] or 'unknown'}…",
            "equal digests",
            "WARN",
        ),
        holds(
            "defaults in every period",
            bool((by_day["defaults"] > 0).all()),
            f"{int(by_day['defaults'].min())} to {int(by_day['defaults'].max())} a period, "
            f"{len(by_day)} periods",
            "at least one",
            "WARN",
        ),
        holds(
            "missingness is stable",
            bool(jump <= 0.10),
            f"largest change of a feature's missing share, train to test: {jump:.1%}",
            "≤ 10 points",
            "WARN",
        ),
    )
    sparse = missing[missing.max(axis=1) > SPARSE].sort_values("test, missing", ascending=False)
    return Section(
        "Data and its lineage",
        checks,
        (
            "The default rate of each cohort with its 95 % interval (Jeffreys). A level that "
            "drifts between the slices is what a calibration on past years cannot foresee.",
            _trend(by_day),
            by_day,
            f"{len(sparse)} of {len(missing)} features are missing for more than half of the "
            "buyers, in training or in the test:",
            sparse,
            _tables(case),
        ),
    )


def _by_day(case: Case) -> pd.DataFrame:
    """Rows, defaults and default rate of each year's quarter in each slice."""
    sample = case.sample
    quarter = pd.PeriodIndex(sample.keys.as_of.astype("datetime64[D]"), freq="Q").astype(str)
    slices = np.full(len(sample.keys), "", dtype=object)
    for name, rows in sample.slices.items():
        slices[rows] = name
    frame = pd.DataFrame({"period": quarter, "slice": slices, "default": sample.default})
    table = frame.groupby(["period", "slice"])["default"].agg(["size", "sum"])
    table.columns = ["rows", "defaults"]
    rates = [jeffreys_interval(n, d) for n, d in zip(table["rows"], table["defaults"], strict=True)]
    for name in ("value", "low", "high"):
        table["rate" if name == "value" else name] = [getattr(rate, name) for rate in rates]
    return table.reset_index()


def _trend(by_day: pd.DataFrame) -> go.Figure:
    figure = go.Figure()
    for name, part in by_day.groupby("slice", sort=False):
        figure.add_scatter(
            x=part["period"], y=part["rate"], name=str(name), mode="lines+markers",
            error_y={"array": part["high"] - part["rate"],
                     "arrayminus": part["rate"] - part["low"]},
        )  # fmt: skip
    return figure.update_layout(
        title="Default rate by period",
        yaxis={"title": "default rate", "tickformat": ".1%", "rangemode": "tozero"},
    )


def _tables(case: Case) -> pd.DataFrame:
    rows = {}
    for name, frame in case.tables.items():
        path = case.portfolio / f"{name}.parquet"
        rows[name] = {
            "rows": frame.num_rows,
            "SHA-256": hashlib.sha256(path.read_bytes()).hexdigest()[:12],
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("table")
