"""The grid of amounts a limit is quoted on: coarser steps for larger amounts."""

import numpy as np
from numba import njit

from models.limits.limit_inputs import Floats, compilable
from models.policy import Policy
from models.policy_numbers import Lists


def round_down(policy: Policy, amount: Floats) -> Floats:
    """Down on the policy's grid, (n,). Amounts are read to the cent: 29,999.9999… is 30,000."""
    return _rounded(policy.lists, compilable(amount), False)


def round_up(policy: Policy, amount: Floats) -> Floats:
    """Up on the policy's grid, for a need: the grid alone must not turn a request away."""
    return _rounded(policy.lists, compilable(amount), True)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def rounded(lists: Lists, amount: float, up: bool) -> float:
    """One amount, up or down; NaN stays NaN."""
    cents = np.rint(amount * 100.0) / 100.0
    step = lists.step[np.searchsorted(lists.below, cents, side="right")]
    return -(-cents // step) * step if up else cents // step * step


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _rounded(lists: Lists, amounts: Floats, up: bool) -> Floats:
    out = np.empty(len(amounts))
    for row in range(len(amounts)):
        out[row] = rounded(lists, amounts[row], up)
    return out
