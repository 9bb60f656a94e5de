"""What is measured of each model on the same test rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from training.benchmark.data_set import DataSet
from training.statistics.calibration import calibration_error, calibration_line
from training.statistics.discrimination import (
    Interval,
    bootstrap_interval,
    mean_auc,
    mean_auc_difference,
    oracle_share,
)

DRAWS = 200  # of the bootstrap


@dataclass(frozen=True)
class Measured:
    """One model on one data set: `auc` is the mean over the folds, the rest is of all test rows.

    `behind` is the AUC of ours less this one's; `auc_new` the AUC on groups that did not train
    (NaN where there are none); `truth_error` the calibration error against the true probabilities,
    `oracle_share` the share of their Gini, expected over the defaults that they may bring.
    """

    auc: Interval
    auc_sd: float
    behind: Interval | None
    average_precision: Interval
    brier: float
    slope: float
    calibration_error: float
    truth_error: float
    oracle_share: Interval | None
    auc_new: float
    seconds: float


def measure(
    data: DataSet,
    answers: Sequence[NDArray[np.float64]],
    ours: Sequence[NDArray[np.float64]] | None,
    seen: NDArray[np.bool],
    seconds: float,
) -> Measured:
    """Judge a model's `answers`, one array a fold; `seen` marks test rows whose group trains."""
    outcomes = [data.default[fold.test] for fold in data.folds]
    default, probability = np.concatenate(outcomes), np.concatenate(answers)
    folds = list(zip(outcomes, answers, strict=True))
    paired = list(zip(outcomes, ours, answers, strict=True)) if ours is not None else None
    truth = data.truth[data.tested] if data.truth is not None else None
    return Measured(
        mean_auc(folds),
        float(np.std([roc_auc_score(d, p) for d, p in folds], ddof=1)) if len(folds) > 1 else 0.0,
        mean_auc_difference(paired) if paired else None,
        bootstrap_interval(
            _average_precision, data.group[data.tested], default, probability, draws=DRAWS
        ),
        float(brier_score_loss(default, probability)),
        _slope(default, probability),
        calibration_error(default, probability),
        np.nan if truth is None else calibration_error(truth, probability),
        None
        if truth is None
        else bootstrap_interval(
            oracle_share, data.group[data.tested], truth, probability, draws=DRAWS
        ),
        _auc(default[~seen], probability[~seen]) if seen.any() else np.nan,
        seconds,
    )


def _average_precision(default: NDArray, probability: NDArray) -> float:
    if not default.any():
        raise ValueError("no default was drawn")
    return float(average_precision_score(default, probability))


def _slope(default: NDArray, probability: NDArray) -> float:
    """Of observed on predicted log-odds; NaN where the classes separate."""
    try:
        return calibration_line(default, np.clip(probability, 1e-6, 1 - 1e-6)).slope
    except ValueError:
        return np.nan


def _auc(default: NDArray[np.bool], probability: NDArray) -> float:
    if min(default.sum(), (~default).sum()) < 2:
        return np.nan
    return float(roc_auc_score(default, probability))
