"""Past: what changed since a group's row before, where a table holds groups over time."""

import numpy as np
from numpy.typing import NDArray


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
