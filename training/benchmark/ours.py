"""Ours on any data set: the recipe of `encours train`, categories read as default rates."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.preprocessing import TargetEncoder

from features.feature import Feature
from training.benchmark.choice import Chosen, Columns, choose
from training.benchmark.data_set import DataSet, Fold, Rows
from training.calibrated_fit import fit_calibrated
from training.fit import RanksBackwardsError

SEED = 0
RARE = 30  # rows of a category, fewer than which share one rate


def ours(data: DataSet, fold: Fold) -> NDArray[np.float64]:
    """Probability of the fold's test rows.

    The booster learns from the training rows; its level from the calibration rows or, where the
    fold has none, from training rows that each part of a cross-validation left out. One and the
    same probability, the default rate, where later rows rank the other way round.
    """
    columns, place = _columns(data, fold), places(data.group)
    if data.settings is None:
        chosen = choose(columns, data.default, place, fold.train, fold.calibrate)
    else:
        chosen = Chosen(data.settings)
    matrix, features = columns.with_made(chosen.made)
    try:
        found = fit_calibrated(
            matrix,
            data.default,
            place,
            fold.train,
            fold.calibrate,
            features=features,
            settings=chosen.settings,
        )
    except RanksBackwardsError:  # no model comes of it: `encours train` refuses
        return np.full(len(fold.test), data.default[fold.known].mean())
    line = found.line
    return expit(line.intercept + line.slope * found.learned.log_odds(matrix[fold.test]))


def encode(data: DataSet, train: Rows) -> NDArray[np.float64]:
    """Features as a matrix, a category as the default rate it had in the training rows, drawn to
    the mean of all where its rows are few; rare ones together.

    A rate that leaves out a row's own part would be lower the more of that part default: trees
    learn that, and find nothing of it later.
    """
    numbers = data.features.select_dtypes("float64")
    categories = data.features.drop(columns=numbers.columns).fillna("missing")
    if categories.empty:
        return np.ascontiguousarray(numbers)
    for name, column in categories.items():
        common = column.iloc[train].value_counts().ge(RARE)
        categories[name] = column.where(column.map(common).eq(True), "rare")
    rates = TargetEncoder(target_type="binary")
    rates.fit(categories.iloc[train], data.default[train])
    return np.ascontiguousarray(np.hstack([numbers, rates.transform(categories)]))


def places(group: NDArray[np.int64]) -> NDArray[np.float64]:
    """A number in [0, 1) for each row, the same for all of a group, by which folds are cut."""
    draw = np.random.default_rng(SEED)
    return draw.permutation(group.max() + 1)[group] / (group.max() + 1)


def _columns(data: DataSet, fold: Fold) -> Columns:
    """The matrix, and its columns numbered: LightGBM takes no name with signs in it."""
    matrix = encode(data, fold.train)
    numbers = data.features.select_dtypes("float64").columns
    names = [*numbers, *data.features.columns.difference(numbers, sort=False)]
    signs = [data.signs.get(name, 0) for name in names]
    features = [column_feature(f"column_{number}", sign) for number, sign in enumerate(signs)]
    if data.time is None or len(np.unique(data.group)) == len(data):
        return Columns(matrix, None, features)
    past = changes(matrix[:, : len(numbers)], data.group, data.time)
    return Columns(matrix, past, features)


def column_feature(name: str, sign: Any) -> Feature:
    """What the fit asks of a column: its name and its direction."""
    return Feature(name, "profile", "", "", "", "", sign, "", name, name)


def changes(
    matrix: NDArray[np.float64], group: NDArray[np.int64], time: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Each value less that of the latest earlier row of its group, (n, f); missing where there is
    none. Rows of the same time know nothing of one another.

    >>> group, time = np.array([0, 1, 0]), np.array([2.0, 1.0, 1.0])
    >>> changes(np.array([[5.0], [7.0], [3.0]]), group, time).ravel().tolist()
    [2.0, nan, nan]
    """
    before = _row_before(group, time)
    return np.where((before >= 0)[:, None], matrix - matrix[before], np.nan)


def _row_before(group: NDArray[np.int64], time: NDArray[np.float64]) -> NDArray[np.int64]:
    """The latest earlier row of the group, -1 where there is none."""
    order = np.lexsort((time, group))
    new = np.ones(len(order), bool)  # begins a group, or a time in it
    new[1:] = (np.diff(group[order]) != 0) | (np.diff(time[order]) != 0)
    starts = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    last = starts - 1  # the row before this time, of this group or of the one before
    found = (last >= 0) & (group[order[last]] == group[order])
    before = np.full(len(order), -1)
    before[order[found]] = order[last[found]]
    return before
