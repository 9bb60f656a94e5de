import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.benchmark.folds import grouped, out_of_time


@given(st.lists(st.integers(2000, 2010), min_size=20, max_size=200))
def test_later_rows_calibrate_and_the_last_test(years: list[int]) -> None:
    time = np.array([*years, 1999, 2011, 2012], float)
    fold = out_of_time(time)
    assert time[fold.train].max() < time[fold.calibrate].min()
    assert time[fold.calibrate].max() < time[fold.test].min()
    assert sum(map(len, fold)) == len(time)


def test_the_first_date_that_tests_can_be_given() -> None:
    fold = out_of_time(np.repeat(np.arange(2000.0, 2010.0), 10), test_from=2008)
    assert [len(part) for part in fold] == [60, 20, 20]


@pytest.mark.parametrize(("times", "test_from"), [([1, 2], None), ([1, 2, 3], 9), ([1, 2, 3], 2)])
def test_too_few_dates_are_refused(times, test_from) -> None:
    with pytest.raises(ValueError, match=r"--date|move"):
        out_of_time(np.repeat(np.array(times, float), 5), test_from)


def test_groups_stay_together_and_every_row_tests_once() -> None:
    draw = np.random.default_rng(0)
    group = draw.integers(0, 60, 300)
    folds = grouped(draw.random(300) < 0.3, group, 5)
    for fold in folds:
        assert not set(group[fold.train]) & set(group[fold.test])
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(300))


def test_more_folds_than_groups_are_refused() -> None:
    with pytest.raises(ValueError, match="fewer --folds"):
        grouped(np.arange(40) % 2 == 0, np.arange(40) // 10, 5)
