"""Drift: have scores, features or drivers moved since the model's first run?

Told of a sample of buyers of each run (parts.SAMPLE of them, everyone where there are fewer),
against that of the first run of the same model. Beside each index stands what it stays below by
chance (95 %, two independent samples): samples that share buyers move less by chance, so the bound
errs on the side of silence. The range seen in training is the bundle's own: what lies outside its
1st and 99th percentile is 2 % of training.
"""

from itertools import takewhile
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from models.credit_model import CreditModel
from models.statistics.stability import bin_counts, psi, psi_bound
from serving.surveillance.runs import Run
from serving.surveillance.snapshots import Snapshot

DRIVER = "driver:"  # prefix of a driver's column in a sample


def drift(model: CreditModel, reference: Snapshot, current: Snapshot) -> dict[str, Any]:
    """Indices of stability of the log-odds (`score`) and of each feature, missing shares, shares
    outside the training range, and the mean drivers, in log-odds, then and now."""
    then, now = _sample(reference), _sample(current)
    return {
        "reference": reference.run.run_id,
        "score": _index(_column(then, "log_odds"), _column(now, "log_odds")),
        "features": {name: _feature(model, name, then, now) for name in model.feature_names},
    }


def _feature(model: CreditModel, name: str, then: pa.Table, now: pa.Table) -> dict[str, Any]:
    low, _, high = model.ranges[name]
    before, after = _column(then, name), _column(now, name)
    drivers = [_column(sample, DRIVER + name) for sample in (then, now)]
    spread = np.sqrt(sum(driver.var() / len(driver) for driver in drivers))
    return {
        **_index(before, after),
        "missing_then": float(np.isnan(before).mean()),
        "missing": float(np.isnan(after).mean()),
        "outside_training": float(((after < low) | (after > high)).mean()),
        "driver_shift": float(drivers[1].mean() - drivers[0].mean()),
        "driver_shift_bound": float(1.96 * spread),
    }


def _index(then: NDArray[np.float64], now: NDArray[np.float64]) -> dict[str, float]:
    """The stability index of a column, and what it stays below by chance."""
    before, after = bin_counts(then, now)
    return {
        "index": psi(before, after),
        "bound": psi_bound(max(len(before), 2), len(then), len(now)),
    }


def first_of_model(finished: list[Run], model_version: str) -> Run | None:
    """The first of the last runs on end that this model made; `finished` come latest first."""
    made = list(takewhile(lambda run: run.model_version == model_version, finished))
    return made[-1] if made else None


def _sample(snapshot: Snapshot) -> pa.Table:
    parts = sorted(snapshot.folder.glob("sample-*.parquet"))
    return pa.concat_tables([pq.read_table(part) for part in parts])


def _column(sample: pa.Table, name: str) -> NDArray[np.float64]:
    return sample[name].to_numpy()
