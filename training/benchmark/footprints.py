"""Footprints: does the way a file was put together tell the outcome?

That a cell is empty, zero, or follows from another one of its row (equal, a fixed multiple, a fixed
difference) says nothing of an amount. Where such marks alone rank the outcome, the rows of the two
outcomes came by different ways (another form of accounts, another rule for what is unknown), and
every model of the file is flattered.
"""

from collections.abc import Iterator
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from training.benchmark.data_set import DataSet
from training.benchmark.folds import grouped
from training.fit import REPRODUCIBLE

MOST_ROWS, MOST_COLUMNS = 10_000, 100  # looked at
FINE = 0.5  # share of distinct among values but 0, from which a column is measured, not counted
FEWEST = 10  # rows with a mark, and without
EQUAL = 1e-4  # relative: the same number, written with five digits
OFTEN = 0.1  # share of the rows from which a multiple or a difference is a fixed one
FOLDS = 3
QUICK: dict[str, Any] = {
    **REPRODUCIBLE,
    "num_threads": 1,
    "num_leaves": 8,
    "learning_rate": 0.1,
    "feature_fraction": 0.5,
}
TREES = 100


def footprint_auc(data: DataSet) -> float | None:
    """AUC of the marks alone, on groups held out; None where there are too few of either."""
    rows = np.sort(np.random.default_rng(0).permutation(len(data))[:MOST_ROWS])
    found = marks(data.features.iloc[rows])
    default, group = data.default[rows], data.group[rows]
    if not found.shape[1]:
        return None
    try:
        folds = grouped(default, group, FOLDS)
    except ValueError:  # too few defaults to say anything
        return None
    areas = []
    for fold in folds:
        learn = lgb.Dataset(found[fold.train], default[fold.train].astype(float), params=QUICK)
        told = lgb.train(QUICK, learn, TREES).predict(found[fold.test])
        areas.append(roc_auc_score(default[fold.test], told))
    return float(np.mean(areas))


def marks(features: pd.DataFrame) -> NDArray[np.float32]:
    """Which cells of finely measured columns are empty, zero, or follow from another of their row;
    (rows, marks), without those that hardly any row, or hardly any row does not, bear."""
    numbers = features.select_dtypes("float64")
    fine = [name for name, column in numbers.items() if _is_fine(column[column != 0].dropna())]
    found = [mark for mark in _marks(numbers[fine[:MOST_COLUMNS]].to_numpy()) if _varies(mark)]
    return np.array(found, np.float32).reshape(len(found), len(numbers)).T


def _is_fine(known: pd.Series) -> bool:
    return len(known) > 0 and known.nunique() > FINE * len(known)


def _marks(matrix: NDArray[np.float64]) -> Iterator[NDArray[np.bool]]:
    for place, column in enumerate(matrix.T):
        yield np.isnan(column)
        yield column == 0
        others = matrix.T[place + 1 :]
        yield from (np.abs(others - column) <= EQUAL * np.abs(column)) & (column != 0)
        with np.errstate(all="ignore"):  # what cannot be divided has no usual value
            combined = others / column, others - column
        for made in combined:
            usual = _usual(made)
            with np.errstate(invalid="ignore"):
                fixed = (np.abs(made - usual) <= EQUAL * np.abs(usual)) & (usual != 0)
            yield from fixed[fixed.mean(axis=1) > OFTEN]


def _usual(made: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of each row, (n, 1); of those that have a finite one."""
    return np.ma.median(np.ma.masked_invalid(made), axis=1).filled(0)[:, None]


def _varies(mark: NDArray[np.bool]) -> bool:
    return FEWEST <= int(mark.sum()) <= len(mark) - FEWEST
