"""(buyer, day) pairs as numbers: sorted, searched and joined without a table."""

import numpy as np
from numpy.typing import NDArray

from features.rows import Rows


def owner(rows: Rows) -> NDArray[np.int64]:
    """The buyer code of each row."""
    return np.repeat(np.arange(len(rows.start) - 1), np.diff(rows.start))


def pair(buyer: NDArray, day: NDArray) -> NDArray[np.int64]:
    """Buyer and day as one number that sorts by buyer, then day; adding days moves the day."""
    return (buyer.astype(np.int64) << 32) + (day.astype(np.int64) + 2**31)


def unpair(pairs: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The buyers and days of `pair`."""
    return pairs >> 32, ((pairs & (2**32 - 1)) - 2**31).astype(np.int32)


def occurs_within(seen: NDArray[np.int64], after: NDArray[np.int64], days: int) -> NDArray[np.bool]:
    """Whether a pair of sorted `seen` lies in (after, after + days], row by row."""
    return np.searchsorted(seen, after + days, "right") > np.searchsorted(seen, after, "right")
