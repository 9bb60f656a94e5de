"""8 Master scale: grades that are used, not crowded, and in order."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.stats import fisher_exact

from models.statistics.stability import herfindahl
from training.validation import thresholds
from training.validation.calibration import grade_table
from training.validation.case import Case
from training.validation.check import Check, Section, Verdict, at_least, at_most, holds


def section(case: Case) -> Section:
    """Shares and their concentration, and whether observed rates rise with the grade."""
    table = grade_table(case)
    share = table["n"] / table["n"].sum()
    performing = case.model.policy.master_scale.default_grade
    checks = (
        _rising(table),
        at_least(
            "performing grades", performing, thresholds.FEWEST_GRADES, value=f"{performing} and D"
        ),
        at_most(
            "largest grade",
            float(share.max()),
            thresholds.LARGEST_GRADE,
            value=f"{share.max():.1%} of buyers in grade {share.idxmax()}",
        ),
        at_most(
            "concentration",
            herfindahl(table["n"]),
            thresholds.CONCENTRATION,
            value=f"Herfindahl {herfindahl(table['n']):.3f} over {len(table)} grades in use",
        ),
    )
    figure = go.Figure(go.Bar(x=[f"grade {g}" for g in share.index], y=share))
    figure.add_hline(y=thresholds.LARGEST_GRADE, line_dash="dot")
    figure.update_layout(
        title="Buyers by grade", yaxis={"tickformat": ".0%", "title": "share of buyers"}
    )
    return Section(
        "Master scale",
        checks,
        (
            "The bounds are the policy's and never move with a model; above the dotted line a "
            "grade holds too many buyers to tell them apart.",
            figure,
            f"Adjacent grades pooled until each holds {thresholds.POOL} defaults; p is of the rate "
            "falling from one pool to the next by chance (Fisher, one-sided).",
            pools(table),
        ),
    )


def pools(table: pd.DataFrame) -> pd.DataFrame:
    """Adjacent grades pooled, best first, with the p-value of a fall from the pool before."""
    found: list[dict[str, object]] = []
    names: list[str] = []
    n = d = 0
    for grade, row in table.iterrows():
        names.append(str(grade))
        n, d = n + int(row["n"]), d + int(row["defaults"])
        if d >= thresholds.POOL:
            found.append({"grades": names, "n": n, "defaults": d})
            names, n, d = [], 0, 0
    if names and found:
        last = found[-1]
        found[-1] = {
            "grades": [*last["grades"], *names],  # type: ignore[misc]
            "n": last["n"] + n,  # type: ignore[operator]
            "defaults": last["defaults"] + d,  # type: ignore[operator]
        }
    frame = pd.DataFrame(found, columns=["grades", "n", "defaults"])
    frame["grades"] = frame["grades"].map(", ".join)
    frame["rate"] = frame["defaults"] / frame["n"]
    frame["falls, p"] = [np.nan, *(_fall(frame, i) for i in range(1, len(frame)))][: len(frame)]
    return frame.set_index("grades")


def _fall(frame: pd.DataFrame, i: int) -> float:
    """p-value of a pool defaulting less than the better one before it."""
    counts = [[frame["defaults"][j], frame["n"][j] - frame["defaults"][j]] for j in (i - 1, i)]
    return float(fisher_exact(counts, alternative="greater")[1])


def _rising(table: pd.DataFrame) -> Check:
    frame = pools(table)
    falls = frame[frame["rate"].diff() <= 0]
    verdict: Verdict = "FAIL" if (falls["falls, p"] < thresholds.P_VALUE[0]).any() else "WARN"
    return holds(
        "rates rise with the grade",
        falls.empty,
        "falls at " + "; ".join(falls.index) if len(falls) else f"in all {len(frame)} pools",
        f"strictly (FAIL where a fall has p < {thresholds.P_VALUE[0]})",
        verdict,
    )
