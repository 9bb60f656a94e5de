"""The report of a run: alerts, churn, drift and outcomes, as a table on the screen and one page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from rich.table import Table

from features.catalog import CATALOG
from features.feature import TOPICS
from models.page import Heading, Part, write_page
from models.rating import MasterScale
from serving.surveillance.runs import Run

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
    parts: list[Part] = [
        f"Run {run.run_id}: {summary['buyers']:,} buyers, {compared}. The newest fact in the "
        f"tables is of {summary['newest_day']}.",
        Heading("Alerts"),
        pd.DataFrame(
            {
                "alerts": pd.Series(dict(summary["alerts"]), dtype="Int64"),
                "stands for": pd.Series(dict(summary["standing"]), dtype="Int64"),
            }
        ),
        "One alert a buyer and run, under its gravest rule. A level that stands was alerted when "
        "it was reached, or stood in the first run already.",
    ]
    return [
        *parts,
        *_churn(summary["churn"], scale),
        *_drift(summary["drift"]),
        *_realised(summary),
    ]


def _churn(churn: Mapping[str, Any], scale: MasterScale) -> list[Part]:
    if not churn["buyers"]:
        return []
    shares = pd.DataFrame(
        {"share of buyers, %": {CHURN[name]: 100 * churn[name] for name in CHURN}}
    )
    names = list(scale.names)
    counts = churn["migration"]
    figure = go.Figure(
        go.Heatmap(
            z=[[count or None for count in row] for row in counts],
            x=names,
            y=names,
            text=counts,
            texttemplate="%{text}",
            colorscale="Blues",
            showscale=False,
        ),
        layout={"xaxis": {"title": "grade now", "type": "category"}, "height": 500},
    )
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
    topics = {feature.name: TOPICS[feature.topic][0] for feature in CATALOG}
    table = pd.DataFrame.from_dict(drift["features"], orient="index")
    table.insert(0, "feature", [labels[name] for name in table.index])
    table.insert(1, "topic", [topics[name] for name in table.index])
    table = table.sort_values("index", ascending=False)
    top = table.head(MOST).iloc[::-1]
    figure = go.Figure(
        [
            go.Bar(x=top["index"], y=top["feature"], orientation="h", name="index"),
            go.Scatter(
                x=top["bound"], y=top["feature"], mode="markers", name="below by chance (95 %)"
            ),
        ],
        layout={"height": 200 + 22 * len(top), "margin": {"l": 360}},
    )
    score = drift["score"]
    return [
        Heading("Drift"),
        f"Against run {drift['reference']}, the first of this model. Stability index of the score: "
        f"{score['index']:.4f}; by chance it stays below {score['bound']:.4f} (95 %). Under 0.10 "
        "is usually called stable, above 0.25 another population.",
        figure,
        "Missing shares, share outside the 1st to 99th percentile of training (2 % there), and the "
        "shift of the mean driver in log-odds with its 95 % bound:",
        table.reset_index(drop=True),
    ]


def _realised(summary: Mapping[str, Any]) -> list[Part]:
    parts: list[Part] = [Heading("Realised against predicted")]
    if not summary["realised"]:
        return [*parts, "No run is old enough: its window must close first."]
    for outcome in summary["realised"]:
        grades = pd.DataFrame(outcome["grades"]).set_index("grade")
        if "predicted" in grades:
            grades[["predicted", "observed", "low", "high"]] *= 100
        parts += [f"After {outcome['as_of_date']}: {_rate(outcome)}. By grade, in %:", grades]
    return parts


def _rate(outcome: Mapping[str, Any]) -> str:
    if not outcome["rows"]:
        return "nobody to observe"
    return (
        f"predicted {100 * outcome['predicted']:.2f} %, observed {100 * outcome['observed']:.2f} % "
        f"({outcome['defaults']:,} of {outcome['rows']:,}; 95 % interval "
        f"{100 * outcome['low']:.2f} to {100 * outcome['high']:.2f})"
    )
