import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from training.benchmark.past import changes


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
