"""Codes of short strings, read from Arrow's buffer as machine words.

A string of up to eight bytes is one word, compared and hashed at once; a column of currencies,
suppliers or sectors is coded several times as fast as by a dictionary of strings of any length.
"""

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

ROOM = 4096  # distinct strings
BITS = np.uint64(14)  # of a place in the table, which holds four times as many
MIX = np.uint64(0x9E3779B97F4A7C15)  # 2**64 / golden ratio: sets close words far apart
ONE, THREE, SEVEN, EIGHT = np.uint64(1), np.uint64(3), np.uint64(7), np.uint64(8)
LAST_BIT, WORD = np.uint64(63), np.uint64(64)
KEPT = np.array([2 ** (8 * length) - 1 for length in range(9)], np.uint64)


def short_codes(values: pa.Array) -> tuple[NDArray[np.int32], pa.Array] | None:
    """A code a row and the string of each code, in order of appearance.

    None where a string has more than eight bytes or ends in a zero byte, where one is null, or
    where there are more than 4096 different ones.

    >>> short_codes(pa.array(["b", "a", "b"]))[0]
    array([0, 1, 0], dtype=int32)
    """
    _, offsets, text = values.buffers()
    if values.null_count or text is None:
        return None
    whole = text.size // 8
    codes, first = np.empty(len(values), np.int32), np.empty(ROOM, np.int64)
    count = _codes(
        np.frombuffer(offsets, np.int32, len(values) + 1, 4 * values.offset),
        np.frombuffer(text, np.uint64, whole),
        np.uint64(int.from_bytes(text[8 * whole :].to_pybytes(), "little")),
        codes,
        first,
    )
    return None if count < 0 else (codes, values.take(pa.array(first[:count])))


@njit(cache=True, nogil=True)
def _codes(
    offsets: NDArray[np.int32],
    words: NDArray[np.uint64],
    rest: np.uint64,
    codes: NDArray[np.int32],
    first: NDArray[np.int64],
) -> int:
    """Write the codes and the first row of each; returns their number, -1 where it cannot."""
    slots, size, count = 4 * len(first), np.uint64(len(words)), 0
    table, keys = np.full(slots, -1, np.int32), np.empty(slots, np.uint64)
    for row in range(len(codes)):
        start = np.uint64(offsets[row])
        length = np.uint64(offsets[row + 1]) - start
        if length > EIGHT:
            return -1
        index, shift = start >> THREE, (start & SEVEN) << THREE
        low = words[index] if index < size else rest
        high = words[index + ONE] if index + ONE < size else rest
        word = ((low >> shift) | (high << (LAST_BIT - shift) << ONE)) & KEPT[length]
        if (
            length and word <= KEPT[length - ONE]
        ):  # a zero byte ends it: not told from a shorter one
            return -1
        slot = (word * MIX) >> (WORD - BITS)
        while table[slot] >= 0 and keys[slot] != word:
            slot = (slot + ONE) & np.uint64(slots - 1)
        if table[slot] < 0:
            if count == len(first):
                return -1
            table[slot], keys[slot], first[count] = count, word, row
            count += 1
        codes[row] = table[slot]
    return count
