"""Pictures of a model on one slice, as plotly figures."""

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from sklearn.metrics import roc_curve

from models.statistics.jeffreys import jeffreys_interval
from training.statistics.calibration import by_quantile
from training.statistics.discrimination import auc_interval


def roc_figure(default: NDArray[np.bool], default_probability: NDArray[np.float64]) -> go.Figure:
    """Share of defaults caught against share of the others flagged."""
    flagged, caught, _ = roc_curve(default, default_probability)
    auc = auc_interval(default, default_probability)
    figure = go.Figure(go.Scatter(x=flagged, y=caught, name="model"))
    figure.add_scatter(x=[0, 1], y=[0, 1], name="chance", line_dash="dot")
    return figure.update_layout(
        title=f"AUC {auc.value:.3f} ({auc.low:.3f} to {auc.high:.3f})",
        xaxis_title="share of others flagged",
        yaxis_title="share of defaults caught",
    )


def calibration_figure(
    default: NDArray[np.bool], default_probability: NDArray[np.float64]
) -> go.Figure:
    """Default rate against mean default probability, in ten bins of equal size, on log axes."""
    rows, expected, observed = by_quantile(default, default_probability, 10)
    rates = [jeffreys_interval(n, d) for n, d in zip(rows, observed, strict=True)]
    predicted = expected / rows
    figure = go.Figure()
    figure.add_scatter(x=predicted, y=predicted, name="perfect", line_dash="dot")
    figure.add_scatter(
        x=predicted,
        y=[rate.value for rate in rates],
        error_y={
            "array": [rate.high - rate.value for rate in rates],
            "arrayminus": [rate.value - rate.low for rate in rates],
        },
        mode="markers",
        name="observed, 95 % interval",
        text=[f"{d:.0f} defaults in {n}" for n, d in zip(rows, observed, strict=True)],
    )
    return figure.update_layout(
        title="Calibration",
        xaxis={"title": "default probability", "type": "log"},
        yaxis={"title": "default rate", "type": "log"},
    )
