"""19 Who is shut out: young, small or foreign firms, beyond what their defaults explain."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from models.limits.limit import DECISIONS
from models.statistics.jeffreys import jeffreys
from training.statistics.calibration import holm
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Section, holds
from training.validation.groups import groups

KINDS = ("age", "size", "country")


def section(case: Case) -> Section:
    """Level and refusals by age, size and country; levels relative to the whole portfolio's."""
    table = _table(case)
    unfair = table[(table["overstated, p (Holm)"] < thresholds.P_VALUE[1])]
    names = "; ".join(f"{kind} {name}" for kind, name in unfair.index)
    checks = (
        holds(
            "no group is overstated",
            unfair.empty,
            names or f"none of {len(table)} groups",
            f"p ≥ {thresholds.P_VALUE[1]} (Jeffreys, Holm), the portfolio's own level taken out",
            "WARN",
        ),
    )
    figure = go.Figure()
    for kind in KINDS:
        part = table.loc[kind]
        figure.add_bar(
            x=[f"{name}" for name in part.index], y=part["refused though sound"], name=kind
        )
    figure.update_layout(
        title="Refused though they did not default",
        yaxis={"tickformat": ".0%"},
        xaxis_automargin=True,
    )
    return Section(
        "Indirect exclusion",
        checks,
        (
            "Share of the buyers that did not default and would have been refused. Differences are "
            "fair where base rates differ as much; the table tests whether a group's probability "
            "is higher than its defaults justify, the portfolio's level taken out.",
            figure,
            table,
        ),
    )


def _table(case: Case) -> pd.DataFrame:
    test = case.test
    default, p = test.default[test.once], test.probability[test.once]
    level = default.sum() / p.sum()  # of the whole portfolio: the cycle, not the group
    refused = test.assessment.limits.decision[test.once] == DECISIONS.index("refused")
    kinds, rows = groups(test), {}
    for kind in KINDS:
        labels = kinds[kind][test.once].astype(str)
        for name in np.unique(labels):
            members = labels == name
            n, d = int(members.sum()), int(default[members].sum())
            expected = min(float(p[members].mean() * level), 1 - 1e-9)
            rows[kind, name] = {
                "rows": n,
                "defaults": d,
                "default rate": d / n,
                "probability, level taken out": expected,
                "refused though sound": float(refused[members & ~default].mean()) if n > d else 0.0,
                "overstated, p": float(jeffreys(n, d, expected).too_high),
            }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis(["by", "group"])
    table["overstated, p (Holm)"] = holm(table.pop("overstated, p"))
    return table
