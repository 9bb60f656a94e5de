"""The rules a limit is backtested against, each brought to the scale of ours: as much granted, or
as much of the sales refused. "10 % of net worth" has a scale: ours is brought to it, as near as
what ours refuses outright allows."""

from typing import Final

import numpy as np

from training.history import Floats, History

OURS: Final = "model and policy"
TENTH: Final = "10 % of net worth"
SCALED: Final = "ours, scaled near it"
FLAT: Final = "flat"
NET_WORTH: Final = "share of net worth"
SAME_TOTAL: Final = "same total"
SAME_SALES: Final = "same sales refused"

_STEPS: Final = 60  # of bisection: a multiple to the last bits


def rules(past: History) -> dict[str, Floats]:
    """What each rule grants, (n,), never above the need."""
    tenth = np.minimum(0.10 * bases(past)[NET_WORTH], past.need)
    scale = level_refusing(past, past.limit, _refused(past, tenth))
    granted = {
        OURS: past.limit,
        TENTH: tenth,
        SCALED: np.minimum(scale * past.limit, past.need),
    }
    total, refused = past.limit.sum(), _refused(past, past.limit)
    for name, base in bases(past).items():
        for what, multiple in (
            (SAME_TOTAL, level(base, past.need, total)),
            (SAME_SALES, level_refusing(past, base, refused)),
        ):
            granted[f"{name}, {what}"] = np.minimum(multiple * base, past.need)
    return granted


def bases(past: History) -> dict[str, Floats]:
    """What the simple rules are a multiple of."""
    return {FLAT: np.ones(len(past)), NET_WORTH: np.fmax(past.net_worth, 0.0)}


def level(base: Floats, need: Floats, total: float) -> float:
    """The multiple of `base` that grants `total`, each buyer's need being its most; the largest
    that still adds anything where that is too little.

    >>> level(np.array([1.0, 1.0, 1.0]), np.array([10.0, 50.0, 90.0]), 90.0)
    40.0
    """
    some = base > 0
    base, need = base[some], need[some]
    if not len(base):
        return 0.0
    order = np.argsort(need / base, kind="stable")
    base, need = base[order], need[order]
    multiple = need / base
    granted = np.cumsum(need) + multiple * (base.sum() - np.cumsum(base))
    return float(np.interp(total, np.append(0.0, granted), np.append(0.0, multiple)))


def level_refusing(past: History, base: Floats, refused: float) -> float:
    """The smallest multiple of `base` that refuses no more than `refused` of the sales; the largest
    that still adds anything where even that refuses more."""
    most = float((past.need[base > 0] / base[base > 0]).max(initial=0.0))
    low, high = 0.0, most
    for _ in range(_STEPS):
        middle = (low + high) / 2
        enough = _refused(past, np.minimum(middle * base, past.need)) <= refused
        low, high = (low, middle) if enough else (middle, high)
    return high


def lost(past: History, limit: Floats) -> Floats:
    """What each row loses under a limit."""
    return past.loss_given_default * np.minimum(limit, past.owed)


def sold(past: History, limit: Floats) -> Floats:
    """The sales of each row that a limit lets through."""
    return past.sales * limit / past.need


def _refused(past: History, limit: Floats) -> float:
    return float((sold(past, past.need) - sold(past, limit)).sum())
