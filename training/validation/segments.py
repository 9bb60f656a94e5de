"""6 Segments: does it rank, and is its level right, for thin files, sectors, sizes, countries?"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from models.statistics.jeffreys import jeffreys
from training.statistics.calibration import holm
from training.statistics.discrimination import auc, auc_interval, bootstrap_interval
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, Section, at_least, holds, not_judged, shown
from training.validation.groups import groups

DRAWS = 100


def section(case: Case) -> Section:
    """A table by segment: population, AUC with both intervals, level with Jeffreys' test."""
    table = segment_table(case)
    judged = table[table["defaults"] >= thresholds.SEGMENT_DEFAULTS]
    weak = judged[judged["high"] < thresholds.SEGMENT_AUC]
    low = table[table["too low, p (Holm)"] < thresholds.P_VALUE[1]]
    checks = (
        holds(
            "ranks in every segment",
            weak.empty,
            _names(weak)
            or f"all {len(judged)} segments with {thresholds.SEGMENT_DEFAULTS} defaults",
            f"AUC's upper bound ≥ {thresholds.SEGMENT_AUC}",
            "WARN",
        ),
        _thin_file(judged),
        holds(
            "level in every segment",
            low.empty,
            _names(low) or "no segment's probability is too low",
            f"Jeffreys' p ≥ {thresholds.P_VALUE[1]} (Holm)",
            "WARN",
        ),
    )
    columns = [
        "rows", "defaults", "base rate", "mean probability", "AUC, DeLong", "AUC, buyers drawn",
        "too low, p (Holm)",
    ]  # fmt: skip
    return Section(
        "Segments",
        checks,
        (
            "Each mark is the AUC within one segment with DeLong's 95 % interval; the line is the "
            "whole test slice. A segment left of it is one where the model knows less.",
            _figure(case, judged),
            f"Segments with fewer than {thresholds.SEGMENT_DEFAULTS} defaults are shown and not "
            "judged. Levels are tested on rows whose horizons do not overlap.",
            table[columns],
        ),
    )


def segment_table(case: Case) -> pd.DataFrame:
    """One row a segment, by (kind, segment)."""
    test, rows = case.test, {}
    for kind, labels in groups(test).items():
        for name in np.unique(labels.astype(str)):
            members = labels == name
            default, p = test.default[members], test.probability[members]
            apart = members & test.once
            row = {
                "rows": int(members.sum()),
                "defaults": int(default.sum()),
                "base rate": f"{default.mean():.2%}",
                "mean probability": f"{p.mean():.2%}",
                "too low, p": float(
                    jeffreys(
                        apart.sum(), test.default[apart].sum(), _mean(test.probability[apart])
                    ).too_low
                ),
                "AUC, DeLong": "", "AUC, buyers drawn": "",
                "auc": np.nan, "low": np.nan, "high": np.nan,
            }  # fmt: skip
            if min(default.sum(), (~default).sum()) >= 2:
                area = auc_interval(default, p)
                row |= {
                    "AUC, DeLong": shown(area),
                    "auc": area.value,
                    "low": area.low,
                    "high": area.high,
                }
            if default.sum() >= thresholds.SEGMENT_DEFAULTS:
                drawn = bootstrap_interval(auc, test.keys.buyer[members], default, p, draws=DRAWS)
                row["AUC, buyers drawn"] = shown(drawn)
            rows[kind, name] = row
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["by", "segment"])
    table["too low, p (Holm)"] = holm(table["too low, p"])
    return table


def _mean(values: np.ndarray) -> float:
    return float(values.mean()) if len(values) else 0.5


def _thin_file(judged: pd.DataFrame) -> Check:
    name = "ranks thin files"
    if ("file", "thin file") not in judged.index:
        return not_judged(name, "too few defaults among thin files")
    row = judged.loc[("file", "thin file")]
    return at_least(
        name,
        float(row["low"]),
        thresholds.SEGMENT_AUC,
        0.5,
        value=f"AUC {row['AUC, DeLong']}, judged by its lower bound; {row['rows']:,} rows, "
        f"{row['defaults']} defaults",
    )


def _names(table: pd.DataFrame) -> str:
    return "; ".join(f"{kind} {name}" for kind, name in table.index)


def _figure(case: Case, judged: pd.DataFrame) -> go.Figure:
    names = [f"{kind}: {name}" for kind, name in judged.index]
    figure = go.Figure(
        go.Scatter(
            x=judged["auc"],
            y=names,
            mode="markers",
            marker_size=9,
            name="AUC",
            error_x={
                "array": judged["high"] - judged["auc"],
                "arrayminus": judged["auc"] - judged["low"],
            },
            text=[
                f"{d} defaults in {n:,} rows"
                for d, n in zip(judged["defaults"], judged["rows"], strict=True)
            ],
        )
    )
    figure.add_vline(x=auc(case.test.default, case.test.probability), line_dash="dot")
    return figure.update_layout(
        title="AUC by segment",
        height=180 + 24 * len(names),
        xaxis_title="AUC, 95 % interval",
        yaxis={"autorange": "reversed", "automargin": True},
    )
