"""The headline of a model: a few numbers on one slice, each with what is needed to judge it."""

import numpy as np
from numpy.typing import NDArray
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
