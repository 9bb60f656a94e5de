"""10 Overfitting: training against out of time, more rows, other seeds, meaningless labels."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.stats import norm, spearmanr

from training.statistics.discrimination import auc, auc_interval
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, Section, at_most, holds, shown
from training.validation.refits import LEARNING, SEEDS, Change

OTHER_SEEDS = tuple(Change(seed=1000 + i) for i in range(SEEDS))
PERMUTED = Change(permuted=True)
LEARNED = tuple(Change(buyers_below=share) for share in LEARNING)
CHANGES = (Change(), *OTHER_SEEDS, PERMUTED, *LEARNED)


def section(case: Case) -> Section:
    """Gap, learning curve, seed stability and the permuted-label test."""
    case.refits.make(CHANGES)
    curve = _curve(case)
    checks = (_gap(case), _seeds(case), _permuted(case))
    figure = go.Figure()
    for name, low, high in (("training", "", ""), ("out of time", "low", "high")):
        bars = (
            {
                "error_y": {
                    "array": curve[high] - curve[name],
                    "arrayminus": curve[name] - curve[low],
                }
            }
            if low
            else {}
        )
        figure.add_scatter(x=curve.index, y=curve[name], name=name, mode="lines+markers", **bars)
    figure.update_layout(
        title="Learning curve",
        xaxis={"title": "share of the buyers learned from", "tickformat": ".0%"},
        yaxis_title="AUC",
    )
    return Section(
        "Overfitting",
        checks,
        (
            f"The recipe learned again on {len(case.refits.rows):,} rows of training (all "
            "defaults, a draw of the others), then on half and a quarter of their buyers. Curves "
            "that still close in on each other say that more buyers would help; a wide gap that "
            "stays is learning by heart.",
            figure,
            curve,
        ),
    )


def _gap(case: Case) -> Check:
    train = case.sample.slices.train
    learned = auc(case.sample.default[train], case.probability[train])
    later = auc(case.test.default, case.test.probability)
    return at_most(
        "training against out of time",
        learned - later,
        *thresholds.GAP,
        value=f"AUC {learned:.3f} in training, {later:.3f} out of time: gap {learned - later:+.3f}",
    )


def _seeds(case: Case) -> Check:
    default = case.test.default
    scores = [case.refits.test(change) for change in (Change(), *OTHER_SEEDS)]
    areas = [auc(default, score) for score in scores]
    alike = min(float(spearmanr(scores[0], other).statistic) for other in scores[1:])
    spread = max(areas) - min(areas)
    return at_most(
        "seeds",
        spread,
        thresholds.SEEDS,
        3 * thresholds.SEEDS,
        value=f"AUC {min(areas):.4f} to {max(areas):.4f} over {len(areas)} seeds, rank correlation "
        f"≥ {alike:.3f}",
    )


def _permuted(case: Case) -> Check:
    """Labels drawn anew among the rows, in training and test: nothing may be foreseen."""
    score = case.refits.test(PERMUTED)
    default = np.random.default_rng(case.config.fit.seed).permutation(case.test.default)
    area = auc_interval(default, score)
    error = (area.high - area.value) / norm.ppf(0.975)
    p_value = float(2 * norm.sf(abs(area.value - 0.5) / error))
    warn, fail = thresholds.P_VALUE
    return holds(
        "permuted labels",
        p_value >= warn,
        f"AUC {shown(area)}, p of it being 0.5: {p_value:.2f}",
        f"p ≥ {warn} (FAIL below {fail})",
        "FAIL" if p_value < fail else "WARN",
    )


def _curve(case: Case) -> pd.DataFrame:
    rows, found = case.refits.rows, {}
    for change in LEARNED:
        seen = rows[case.sample.place[rows] < change.buyers_below]
        later = auc_interval(case.test.default, case.refits.test(change))
        found[change.buyers_below] = {
            "rows": len(seen),
            "defaults": int(case.sample.default[seen].sum()),
            "training": auc(case.sample.default[seen], case.refits.score(seen, change)),
            "out of time": later.value,
            "low": later.low,
            "high": later.high,
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("share of buyers")
