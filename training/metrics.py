"""The headline of a model: a few numbers on one slice, each with what is needed to judge it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from rich.console import Group
from rich.table import Table
from sklearn.metrics import average_precision_score, brier_score_loss

from training.statistics.calibration import brier_skill, calibration_line
from training.statistics.discrimination import auc_interval


def headline(
    default: NDArray[np.bool], default_probability: NDArray[np.float64]
) -> dict[str, float]:
    """The content of metrics.json: AUC with DeLong's 95 % interval, average precision, base rate,
    Brier score and its skill over the base rate, calibration slope and intercept, counts."""
    auc = auc_interval(default, default_probability)
    line = calibration_line(default, default_probability)
    return {
        "auc": auc.value,
        "auc_low": auc.low,
        "auc_high": auc.high,
        "average_precision": float(average_precision_score(default, default_probability)),
        "base_rate": float(np.mean(default)),
        "mean_probability": float(np.mean(default_probability)),
        "brier": float(brier_score_loss(default, default_probability)),
        "brier_skill": brier_skill(default, default_probability),
        "calibration_slope": line.slope,
        "calibration_intercept": line.intercept,
        "rows": len(default),
        "defaults": int(np.sum(default)),
    }


def metrics_table(metrics: Mapping[str, float], counts: Mapping[str, int]) -> Group:
    """Metrics of the test slice, and the rows of every slice and of what was left out."""
    rows, defaults = metrics["rows"], metrics["defaults"]
    measured = Table(
        "metric",
        "value",
        title=f"test slice: {rows:,} rows, {defaults:,} defaults",
        title_justify="left",
    )
    measured.columns[1].justify = "right"
    interval = f"{metrics['auc']:.4f}  [{metrics['auc_low']:.4f}, {metrics['auc_high']:.4f}]"
    measured.add_row("AUC  [95 % DeLong]", interval)
    for name, text in (
        ("average_precision", "average precision"),
        ("base_rate", "base rate"),
        ("mean_probability", "mean default probability"),
        ("brier", "Brier score"),
        ("brier_skill", "Brier skill over the base rate"),
        ("calibration_slope", "calibration slope"),
        ("calibration_intercept", "calibration intercept"),
    ):
        measured.add_row(text, f"{metrics[name]:.4f}")
    population = Table("population", "rows", title="where the rows went", title_justify="left")
    population.columns[1].justify = "right"
    for name, count in counts.items():
        population.add_row(name.replace("_", " "), f"{count:,}")
    return Group(measured, population)
