from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.benchmark.data_set import DataSet, Fold
from training.benchmark.ours import changes, encode, ours, places
from training.config import FitSettings

QUICK = FitSettings(max_trees=60, folds=3, min_data_in_leaf=10)


@pytest.fixture(scope="module")
def data(loans: pd.DataFrame) -> DataSet:
    """Trained on the first 120 rows, tested on the last."""
    default = loans["y"].eq("yes").to_numpy()
    trade = loans["trade"].astype(object).where(loans["trade"].notna(), None)
    features = loans[["x0", "x1"]].assign(trade=trade)
    rows = np.split(np.arange(240), [120, 180])
    return DataSet("loans", features, default, np.arange(240), [Fold(*rows)], settings=QUICK)


def test_a_category_is_read_as_its_default_rate_in_the_training_rows(data: DataSet) -> None:
    (fold,) = data.folds
    rate = encode(data, fold.train)[fold.test][:, 2]
    trade = data.features["trade"].to_numpy()[fold.test]
    building, retail = (rate[trade == name] for name in ("building", "retail"))
    assert np.ptp(building) == np.ptp(retail) == 0
    assert building[0] > retail[0]


def test_outcomes_of_other_rows_move_nothing(data: DataSet) -> None:
    (fold,) = data.folds
    turned = data.default.copy()
    turned[fold.test] = ~turned[fold.test]
    assert np.array_equal(ours(replace(data, default=turned), fold), ours(data, fold))


def test_the_level_comes_from_the_calibration_rows(data: DataSet) -> None:
    (fold,) = data.folds
    worse = data.default.copy()
    worse[fold.calibrate[::3]] = True
    assert ours(replace(data, default=worse), fold).mean() > 1.3 * ours(data, fold).mean()


def test_a_group_has_one_place() -> None:
    group = np.array([0, 1, 0, 2])
    place = places(group)
    assert place[0] == place[2]
    assert len(np.unique(place)) == 3
    assert place.max() < 1


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), min_size=1, max_size=30))
def test_a_change_is_from_the_latest_earlier_row_of_the_group(rows: list[tuple[int, int]]) -> None:
    group, time = np.array(rows).T
    value = np.random.default_rng(0).normal(size=(len(rows), 2))
    found = changes(value, group, time.astype(float))
    for row in range(len(rows)):
        earlier = np.flatnonzero((group == group[row]) & (time < time[row]))
        if not len(earlier):
            assert np.isnan(found[row]).all()
            continue
        latest = earlier[time[earlier] == time[earlier].max()]
        allowed = value[row] - value[latest]
        assert (np.abs(allowed - found[row]) < 1e-12).all(axis=1).any()


def test_later_rows_change_nothing() -> None:
    draw = np.random.default_rng(0)
    group, time = draw.integers(0, 20, 200), draw.integers(0, 10, 200).astype(float)
    value = draw.normal(size=(200, 3))
    early = time < 6
    pd.testing.assert_frame_equal(
        pd.DataFrame(changes(value, group, time)[early]),
        pd.DataFrame(changes(value[early], group[early], time[early])),
    )
