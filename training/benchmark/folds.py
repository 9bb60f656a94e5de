"""Which rows learn and which judge: out of time where there are dates, else k folds of groups."""

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedGroupKFold

from training.benchmark.data_set import DataSet, Fold

SHARES = (0.6, 0.2)  # of the rows by time: train, calibrate; the rest tests
FEWEST = 2  # defaults and others in every part that learns or judges
SEED = 0


def out_of_time(time: NDArray[np.float64], test_from: float | None = None) -> Fold:
    """Earlier rows train, later ones calibrate, the last test; a day is never cut in two.

    `test_from` is the first time that tests; what is before it trains and calibrates in the same
    proportion. ValueError where there are fewer than three times.
    """
    times = np.unique(time)
    if len(times) < 3:
        raise ValueError(
            f"the date column has {len(times)} different values; a split by time needs three or "
            "more: train, calibrate, test. Leave --date out for folds"
        )
    train, calibrate = SHARES
    if test_from is None:
        test_from = _cut(time, times[2:], train + calibrate)
    earlier = times[times < test_from]
    if len(earlier) < 2 or test_from > times[-1]:
        raise ValueError(f"--test-from leaves {len(earlier)} times before it: move it")
    before = time[time < test_from]
    calibrate_from = _cut(before, earlier[1:], train / (train + calibrate))
    return Fold(
        np.flatnonzero(time < calibrate_from),
        np.flatnonzero((time >= calibrate_from) & (time < test_from)),
        np.flatnonzero(time >= test_from),
    )


def _cut(time: NDArray[np.float64], times: NDArray[np.float64], share: float) -> float:
    """The one of `times` before which nearest to `share` of the rows lie."""
    before = np.searchsorted(np.sort(time), times) / len(time)
    return float(times[np.abs(before - share).argmin()])


def grouped(default: NDArray[np.bool], group: NDArray[np.int64], k: int) -> list[Fold]:
    """`k` folds with the same share of defaults, as nearly as whole groups allow.

    ValueError where there are too few groups, or defaults, for so many folds.
    """
    of = {"defaults": group[default], "others": group[~default]}
    for what, groups in of.items():
        if len(np.unique(groups)) < k * FEWEST:
            raise ValueError(
                f"{len(np.unique(groups))} groups with {what} are too few for {k} folds of "
                f"{FEWEST} each: give fewer --folds, or more rows"
            )
    folds = StratifiedGroupKFold(k, shuffle=True, random_state=SEED)
    none = np.zeros(0, np.int64)
    return [Fold(train, none, test) for train, test in folds.split(default, default, group)]


def check(data: DataSet) -> None:
    """ValueError where a part of a fold has too few of either outcome to learn from or judge by."""
    for number, fold in enumerate(data.folds, 1):
        for part in ("train", "test"):
            default = data.default[getattr(fold, part)]
            defaults, others = int(default.sum()), int((~default).sum())
            if min(defaults, others) < FEWEST:
                raise ValueError(
                    f"{data.name}: the {part} rows of fold {number} hold {defaults} defaults and "
                    f"{others} others, {FEWEST} of each are needed; move --test-from, or give "
                    "fewer --folds"
                )


def seen_before(data: DataSet) -> tuple[float, NDArray[np.bool]]:
    """Share of test rows whose group also trains, and which test rows those are, in the order of
    `data.tested`."""
    seen = np.concatenate([np.isin(data.group[f.test], data.group[f.known]) for f in data.folds])
    return float(seen.mean()), seen
