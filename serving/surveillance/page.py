"""The report of a run: alerts, churn, drift and outcomes, as a table on the screen and one page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from rich.table import Table

from features.catalog import CATALOG
from models.page import Heading, Part, write_page
from models.rating import MasterScale
from serving.surveillance.rules import RULES, STALE_TABLES
from serving.surveillance.runs import Run
from serving.surveillance.watch import LEVELS

MOST = 25  # features shown in a figure
RULE_OF_THUMB = 0.25  # of stability indices: beyond it the population is another one


def run_table(run: Run) -> Table:
    """A run for the screen."""
    summary = run.summary
    table = Table(title=f"surveillance on {run.as_of_date}, run {run.run_id}")
    table.add_column("what")
    table.add_column("", justify="right")
    table.add_row("buyers", f"{summary['buyers']:,}")
    alerts = summary["alerts"]
    table.add_row("alerts", f"{sum(alerts.values()):,}")
    for kind, count in sorted(alerts.items(), key=lambda item: -item[1]):
        table.add_row(f"  {kind.replace('_', ' ')}", f"{count:,}")
    if not run.previous:
        table.add_row("first run: nothing to compare with; what stands already", "")
        for name, count in summary["standing"].items():
            table.add_row(f"  {name.replace('_', ' ')}", f"{count:,}")
    churn = summary["churn"]
    if churn["buyers"]:
        for name in ("worse", "better", "reversed", "cut", "raised"):
            table.add_row(f"{CHURN[name]}, %", f"{100 * churn[name]:.2f}")
    score = summary["drift"]["score"]
    table.add_row("stability index of the score", f"{score['index']:.4f}")
    table.add_row("  below by chance (95 %)", f"{score['bound']:.4f}")
    drifted = beyond(summary)
    table.add_row(f"features beyond chance and {RULE_OF_THUMB}", ", ".join(drifted) or "none")
    for outcome in summary["realised"]:
        table.add_row(f"default rate after {outcome['as_of_date']}", _rate(outcome))
    return table


CHURN: Mapping[str, str] = {
    "worse": "grades worse",
    "better": "grades better",
    "reversed": "grades that moved back",
    "cut": "limits cut",
    "raised": "limits raised",
}


def beyond(summary: Mapping[str, Any]) -> list[str]:
    """Features whose index is beyond both chance and the rule of thumb."""
    features = summary["drift"]["features"]
    return [
        name
        for name, found in features.items()
        if found["index"] > max(found["bound"], RULE_OF_THUMB)
    ]


def write_run_page(run: Run, scale: MasterScale, out: Path) -> None:
    """The report as one HTML page."""
    write_page(out, f"Surveillance on {run.as_of_date}", _parts(run, scale))


def _parts(run: Run, scale: MasterScale) -> list[Part]:
    summary = run.summary
    compared = f"compared with run {run.previous}" if run.previous else "the first run: a baseline"
    return [
        f"Run {run.run_id}: {summary['buyers']:,} buyers, {compared}. The newest fact in the "
        f"tables is of {summary['newest_day']}.",
        *_alerts(summary),
        *_churn(summary["churn"], scale),
        *_realised(summary),
        *_drift(summary["drift"]),
    ]


def _alerts(summary: Mapping[str, Any]) -> list[Part]:
    rules = [rule for rule in (STALE_TABLES, *RULES) if rule in summary["alerts"] or rule in LEVELS]
    rows = {
        rule.replace("_", " "): (summary["alerts"].get(rule, 0), summary["standing"].get(rule, ""))
        for rule in rules
    }
    return [
        Heading("Alerts"),
        pd.DataFrame.from_dict(rows, orient="index", columns=["alerts", "stands for"]),
        "One alert a buyer and run, under its gravest rule. A level that stands was alerted when "
        "it was reached, or stood in the first run already.",
    ]


def _churn(churn: Mapping[str, Any], scale: MasterScale) -> list[Part]:
    if not churn["buyers"]:
        return []
    shares = pd.DataFrame(
        {"share of buyers, %": {CHURN[name]: 100 * churn[name] for name in CHURN}}
    )
    names = list(scale.names)
    counts = [[count or None for count in row] for row in churn["migration"]]
    figure = go.Figure(
        go.Heatmap(
            z=counts,
            x=names,
            y=names,
            text=[[f"{count:,}" if count else "" for count in row] for row in counts],
            texttemplate="%{text}",
            colorscale="Blues",
            showscale=False,
        ),
        layout={"height": 500, "margin": {"t": 20}},
    )
    figure.update_xaxes(title="grade now", type="category")
    figure.update_yaxes(title="grade before", type="category", autorange="reversed")
    return [
        Heading("Churn"),
        f"Of {churn['buyers']:,} buyers in both runs. Limits in force: "
        f"{churn['limit_before']:,.0f} before, {churn['limit_after']:,.0f} now.",
        shares,
        figure,
    ]


def _drift(drift: Mapping[str, Any]) -> list[Part]:
    labels = {feature.name: feature.en for feature in CATALOG}
    found = pd.DataFrame.from_dict(drift["features"], orient="index")
    found = found.sort_values("index", ascending=False).rename(index=labels).head(MOST)
    upwards = found.iloc[::-1]
    figure = go.Figure(
        [
            go.Bar(x=upwards["index"], y=upwards.index, orientation="h", name="index"),
            go.Scatter(
                x=upwards["bound"], y=upwards.index, mode="markers", name="below by chance (95 %)"
            ),
        ],
        layout={"height": 120 + 22 * len(found), "margin": {"l": 360, "t": 20}},
    )
    score = drift["score"]
    return [
        Heading("Drift"),
        f"Against run {drift['reference']}, the first of this model. Stability index of the score: "
        f"{score['index']:.4f}; by chance it stays below {score['bound']:.4f} (95 %). Under 0.10 "
        f"is usually called stable, above {RULE_OF_THUMB} another population. The {MOST} features "
        "that moved most; all are on /metrics:",
        figure,
        "Shares in %, missing and outside the 1st to 99th percentile of training (2 % there); and "
        "the shift of the mean driver in log-odds, with what it stays within by chance:",
        pd.DataFrame(
            {
                "index": found["index"],
                "by chance below": found["bound"],
                "missing then": 100 * found["missing_then"],
                "missing now": 100 * found["missing"],
                "outside training": 100 * found["outside_training"],
                "driver's shift": found["driver_shift"],
                "by chance within": found["driver_shift_bound"],
            }
        ),
    ]


def _realised(summary: Mapping[str, Any]) -> list[Part]:
    parts: list[Part] = [Heading("Realised against predicted")]
    if not summary["realised"]:
        return [*parts, "No run is old enough: its window must close first."]
    for outcome in summary["realised"]:
        grades = pd.DataFrame(outcome["grades"]).set_index("grade")
        shares = ["predicted", "observed", "low", "high"]
        if "predicted" in grades:
            grades[shares] *= 100
        words = {name: f"{name}, %" for name in shares}
        words |= {"too_low": "p: too low", "too_high": "p: too high", "rows": "buyers"}
        parts += [
            f"After {outcome['as_of_date']}: {_rate(outcome)}. By grade, with Jeffreys intervals "
            "and p-values of the probability being too low, or too high:",
            grades.rename(columns=words),
        ]
    return parts


def _rate(outcome: Mapping[str, Any]) -> str:
    if not outcome["rows"]:
        return "nobody to observe"
    return (
        f"predicted {100 * outcome['predicted']:.2f} %, observed {100 * outcome['observed']:.2f} % "
        f"({outcome['defaults']:,} of {outcome['rows']:,}; 95 % interval "
        f"{100 * outcome['low']:.2f} to {100 * outcome['high']:.2f})"
    )
