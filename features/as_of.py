"""The one as-of primitive: which rows of an owner were known on a day.

An owner is whoever the rows belong to: a buyer, or the country, sector or currency of a shared
table. Both functions read `Rows` of any table and an array of (owner, as_of) keys; a row counts
when its knowledge day is on or before as_of, and nothing else about it matters. The answer for
one key never depends on the other keys.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.facts import Rows

EVER = int(np.iinfo(np.int32).min)


def known_at(
    rows: Rows, owner: NDArray[np.int64], as_of: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every (key, row) pair such that `row` of the key's owner was known on its as_of day.

    Pairs come by key, then in the order of the table. An owner of -1 has no rows.
    """
    return _known_at(rows.start, rows.known, owner, as_of)


def latest(
    rows: Rows, event: str, owner: NDArray[np.int64], as_of: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The row of each key with the greatest `event` date among those known on its as_of day.

    Of several versions of one event the latest known wins, then the one appended last; -1 where
    none is known.
    """
    return _latest(rows.start, rows.known, rows[event], owner, as_of)


@njit(cache=True, nogil=True)
def pick(column: NDArray[np.float64], row: NDArray[np.int64]) -> NDArray[np.float64]:
    """`column[row]`, NaN where row is -1."""
    out = np.empty(len(row))
    for key in range(len(row)):
        out[key] = column[row[key]] if row[key] >= 0 else np.nan
    return out


@njit(cache=True, nogil=True)
def _known_at(
    start: NDArray, known: NDArray, owner: NDArray, as_of: NDArray
) -> tuple[NDArray, NDArray]:
    pairs = 0
    for key in range(len(owner)):
        if owner[key] >= 0:
            for row in range(start[owner[key]], start[owner[key] + 1]):
                pairs += known[row] <= as_of[key]
    keys, rows = np.empty(pairs, np.int64), np.empty(pairs, np.int64)
    pairs = 0
    for key in range(len(owner)):
        if owner[key] >= 0:
            for row in range(start[owner[key]], start[owner[key] + 1]):
                if known[row] <= as_of[key]:
                    keys[pairs], rows[pairs] = key, row
                    pairs += 1
    return keys, rows


@njit(cache=True, nogil=True)
def latest_row(
    start: NDArray,
    known: NDArray,
    event: NDArray,
    owner: int,
    as_of: int,
    since: int,
    until: int,
) -> int:
    """`latest` for one key, inside a kernel."""
    best = -1
    if owner < 0:
        return best
    for row in range(start[owner], start[owner + 1]):
        if known[row] > as_of or not since <= event[row] <= until:
            continue
        if best < 0 or (event[row], known[row]) >= (event[best], known[best]):
            best = row
    return best


@njit(cache=True, nogil=True)
def _latest(
    start: NDArray, known: NDArray, event: NDArray, owner: NDArray, as_of: NDArray
) -> NDArray:
    found = np.empty(len(owner), np.int64)
    for key in range(len(owner)):
        found[key] = latest_row(start, known, event, owner[key], as_of[key], EVER, as_of[key])
    return found
