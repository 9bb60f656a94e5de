"""23 Truth: in a generated economy the true probability is known; how near does the model come?"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.special import logit

from training.statistics.calibration import by_quantile, calibration_error, logistic_line
from training.statistics.discrimination import auc_interval, bootstrap_interval, oracle_share
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, Section, Verdict, at_least, at_most, holds, shown

DRAWS = 200


def section(case: Case) -> Section | None:
    """Calibration against the true probability and the share of the oracle's Gini; None where
    nobody knows the truth."""
    if case.truth is None:
        return None
    told = ~np.isnan(case.truth)
    truth, p, default = case.truth[told], case.test.probability[told], case.test.default[told]
    buyers = case.test.keys.buyer[told]
    share = bootstrap_interval(oracle_share, buyers, truth, p, draws=DRAWS)
    base = float(truth.mean())
    error = calibration_error(truth, p)
    level_out = calibration_error(truth, p * (base / p.mean()))
    line = logistic_line(truth, logit(p))
    checks = (
        at_least(
            "share of the oracle's Gini",
            share.value,
            *thresholds.ORACLE,
            value=f"{shown(share)}, expected over the defaults that the truth may bring; on those "
            f"that came ours AUC {shown(auc_interval(default, p))}, the oracle's "
            f"{shown(auc_interval(default, truth))}; {case.test.population}",
        ),
        at_most(
            "error to the true probability",
            error / base,
            *thresholds.TRUE_ERROR,
            value=f"{error:.4f}, {error / base:.2f} of the true mean {base:.2%} (mean predicted "
            f"{p.mean():.2%}; {level_out / base:.2f} with the level taken out)",
        ),
        _slope(line.slope, line.intercept),
    )
    return Section(
        "Against the truth",
        checks,
        (
            "The generator gives every buyer's true probability, knowing what no model can: the "
            "state behind the facts. Each mark is a twentieth of the buyers; on the dotted line, "
            "prediction and truth agree.",
            _figure(truth, p),
            _table(truth, p),
        ),
    )


def _slope(slope: float, intercept: float) -> Check:
    low, high = thresholds.TRUE_SLOPES
    verdict: Verdict = "WARN"
    return holds(
        "slope to the truth",
        low <= slope <= high,
        f"slope {slope:.3f}, intercept {intercept:+.3f} of the true probability on the predicted "
        "log-odds (logistic)",
        f"{low} to {high}",
        verdict,
    )


def _table(truth: np.ndarray, p: np.ndarray) -> pd.DataFrame:
    rows, expected, observed = by_quantile(truth, p, 10)
    return pd.DataFrame(
        {"rows": rows, "predicted": expected / rows, "true": observed / rows},
        index=pd.RangeIndex(1, len(rows) + 1, name="tenth"),
    )


def _figure(truth: np.ndarray, p: np.ndarray) -> go.Figure:
    rows, expected, observed = by_quantile(truth, p, 20)
    predicted, true = expected / rows, observed / rows
    ends = [min(predicted.min(), true.min()), max(predicted.max(), true.max())]
    figure = go.Figure(go.Scatter(x=ends, y=ends, mode="lines", line_dash="dot", name="equal"))
    figure.add_scatter(x=predicted, y=true, mode="markers", marker_size=9, name="buyers")
    return figure.update_layout(
        title="Predicted and true probability",
        xaxis={"title": "predicted", "type": "log", "tickformat": ".2%"},
        yaxis={"title": "true", "type": "log", "tickformat": ".2%"},
    )
