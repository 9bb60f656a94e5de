"""The outcome of a benchmark: a table for the screen, a page, and JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from sklearn.metrics import roc_curve

from models.page import Heading, Part, write_page
from training.benchmark.run import ORACLE, OURS, Outcome
from training.statistics.discrimination import Interval

LEGEND = (
    "AUC: mean over the folds, with DeLong's 95 % interval; sd: over the folds. Ours less: AUC of "
    "encours less this model's, on the same rows, with its paired interval. AP: average precision, "
    "interval by drawing groups again. Brier score, calibration slope and expected calibration "
    "error (ten bins) of all test rows. Only encours and Altman's line are calibrated; the others "
    "answer as their library does."
)


def frame(outcome: Outcome) -> pd.DataFrame:
    """One row a model, in words and figures."""
    rows = {}
    for name, m in outcome.measured.items():
        rows[name] = {
            "AUC": _interval(m.auc),
            **({"sd": f"{m.auc_sd:.4f}"} if len(outcome.data.folds) > 1 else {}),
            "ours less": "" if m.behind is None else _interval(m.behind, "+.4f"),
            "AP": _interval(m.average_precision, ".3f"),
            "Brier": f"{m.brier:.5f}",
            "slope": _known(m.slope, ".2f"),
            "calibration error": f"{m.calibration_error:.4f}",
            "seconds": f"{m.seconds:,.1f}",
        }
        if outcome.data.truth is not None:
            rows[name]["against truth"] = f"{m.truth_error:.4f}"
        if m.oracle_share is not None:
            rows[name]["of the oracle's Gini"] = _interval(m.oracle_share, ".1%")
        if not np.isnan(m.auc_new):
            rows[name]["AUC, unseen groups"] = f"{m.auc_new:.4f}"
    return pd.DataFrame.from_dict(rows, orient="index")


def population(outcome: Outcome) -> str:
    """Rows, defaults and base rate of those who judge, and how they were split off."""
    data = outcome.data
    default = data.default[data.tested]
    return (
        f"{data.split}: {len(default):,} test rows, {int(default.sum()):,} defaults, base rate "
        f"{default.mean():.2%}; {len(data):,} rows, {data.features.shape[1]} features in all"
    )


def table(outcome: Outcome) -> RenderableType:
    """The figures, the population and the remarks, for the screen; intervals as half widths."""
    shown = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    shown.add_column("model", no_wrap=True)
    for heading in ("AUC ±", "ours less ±", "AP ±", "Brier", "slope", "s"):
        shown.add_column(heading, justify="right", no_wrap=True)
    for name, m in outcome.measured.items():
        figures = (
            _half(m.auc, ".4f"),
            "" if m.behind is None else _half(m.behind, "+.4f"),
            _half(m.average_precision, ".3f"),
            f"{m.brier:.4f}",
            _known(m.slope, ".2f"),
            f"{m.seconds:.0f}",
        )
        shown.add_row(name, *figures, style="bold" if name == OURS else "")
    title = f"[bold]{outcome.data.name}[/bold] · {population(outcome)}"
    notes = [*outcome.data.remarks, *_beside_the_truth(outcome)]
    return Group(title, shown, *(f"• {note}" for note in notes))


def _beside_the_truth(outcome: Outcome) -> list[str]:
    """Ours, where the truth is known: share of the oracle's Gini, and distance from it."""
    ours, best = (outcome.measured.get(name) for name in (OURS, ORACLE))
    if ours is None or best is None or ours.oracle_share is None:
        return []
    base = outcome.data.default[outcome.data.tested].mean()
    came = (2 * ours.auc.value - 1) / (2 * best.auc.value - 1)
    return [
        f"{_interval(ours.oracle_share, '.1%')} of the oracle's Gini, expected over the defaults "
        f"that the truth may bring ({came:.1%} on those that came); calibration error against the "
        f"true probabilities {ours.truth_error:.4f}, {ours.truth_error / base:.2f} of the base rate"
    ]


def write(outcomes: Sequence[Outcome], folder: Path) -> None:
    """`models.html` and `models.json` in `folder`."""
    parts: list[Part] = [LEGEND]
    for outcome in outcomes:
        parts += [Heading(outcome.data.name), population(outcome), *outcome.data.remarks]
        parts += [*_beside_the_truth(outcome), frame(outcome), bars(outcome), roc(outcome)]
    write_page(folder / "models.html", "Benchmark of models", parts)
    told = json.dumps([_told(outcome) for outcome in outcomes], indent=1, allow_nan=False)
    (folder / "models.json").write_text(told + "\n", encoding="utf-8")


def bars(outcome: Outcome) -> go.Figure:
    """AUC of each model, with its interval."""
    auc = {name: m.auc for name, m in outcome.measured.items()}
    figure = go.Figure(
        go.Scatter(
            x=[a.value for a in auc.values()],
            y=list(auc),
            mode="markers",
            marker={"size": 11},
            error_x={
                "array": [a.high - a.value for a in auc.values()],
                "arrayminus": [a.value - a.low for a in auc.values()],
            },
        )
    )
    figure.update_yaxes(autorange="reversed")
    return figure.update_layout(title="AUC with its 95 % interval", xaxis_title="AUC", height=360)


def roc(outcome: Outcome) -> go.Figure:
    """Share of defaults caught against share of the others flagged, each model a line."""
    default = outcome.data.default[outcome.data.tested]
    figure = go.Figure()
    for name, probability in outcome.answers.items():
        flagged, caught, _ = roc_curve(default, probability)
        keep = np.unique(np.linspace(0, len(flagged) - 1, 400).astype(int))
        figure.add_scatter(x=flagged[keep], y=caught[keep], name=name, mode="lines")
    figure.add_scatter(x=[0, 1], y=[0, 1], name="chance", line_dash="dot")
    return figure.update_layout(
        title="ROC, all test rows",
        xaxis_title="share of others flagged",
        yaxis_title="share of defaults caught",
    )


def _told(outcome: Outcome) -> dict[str, object]:
    data = outcome.data
    default = data.default[data.tested]
    return {
        "data_set": data.name,
        "split": data.split,
        "rows": len(data),
        "features": data.features.shape[1],
        "folds": len(data.folds),
        "test_rows": len(default),
        "test_defaults": int(default.sum()),
        "base_rate": float(default.mean()),
        "remarks": list(data.remarks),
        "models": {name: _plain(asdict(m)) for name, m in outcome.measured.items()},
    }


def _plain(values: dict[str, object]) -> dict[str, object]:
    """Without NaN, which JSON has not; an interval as estimate, low and high."""
    return {
        key: None if isinstance(value, float) and np.isnan(value) else value
        for key, value in values.items()
    }


def _interval(found: Interval, form: str = ".4f") -> str:
    return f"{found.value:{form}}  [{found.low:{form}}, {found.high:{form}}]"


def _half(found: Interval, form: str) -> str:
    return f"{found.value:{form}} ±{(found.high - found.low) / 2:{form.lstrip('+')}}"


def _known(value: float, form: str) -> str:
    return "" if np.isnan(value) else f"{value:{form}}"
