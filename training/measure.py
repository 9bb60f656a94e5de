"""Both sides of a rule over history: losses avoided and sales refused, with intervals."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.statistics.jeffreys import Interval
from training.history import Floats, History
from training.rules import lost, sold
from training.statistics.discrimination import bootstrap_interval


@dataclass(frozen=True)
class Measured:
    """One rule: amounts over all rows; with intervals, the losses avoided and the sales refused as
    shares of what granting the need in full would lose and sell, the losses avoided per unit of
    sales refused, and all three of ours less those of this rule, by the same draws of buyers."""

    granted: float
    losses: float
    sales_refused: float
    avoided: Interval
    refused: Interval
    avoided_per_refused: Interval
    ours_avoids_more: Interval
    ours_refuses_more: Interval
    ours_avoids_more_per_refused: Interval


def measure(past: History, limit: Floats, ours: Floats, draws: int) -> Measured:
    """Both sides of `limit`, with intervals, and beside `ours`."""
    columns = (past.need, limit, ours)
    losses = [_by_buyer(past, lost(past, column)) for column in columns]
    sales = [_by_buyer(past, sold(past, column)) for column in columns]
    buyers = np.arange(len(losses[0]))

    def interval(statistic: Callable[..., float], columns: list[Floats]) -> Interval:
        return bootstrap_interval(statistic, buyers, *columns, draws=draws)

    return Measured(
        float(limit.sum()),
        float(losses[1].sum()),
        float(sales[0].sum() - sales[1].sum()),
        interval(_missing_share, losses[:2]),
        interval(_missing_share, sales[:2]),
        interval(_per_refused, [*losses[:2], *sales[:2]]),
        interval(_further_share, losses),
        interval(_further_share, sales),
        interval(_further_per_refused, [*losses, *sales]),
    )


def _by_buyer(past: History, amount: Floats) -> Floats:
    """Totals of each buyer in the history."""
    return np.bincount(np.unique(past.buyer, return_inverse=True)[1], amount).astype(np.float64)


def _missing_share(full: NDArray, granted: NDArray) -> float:
    return _ratio(full.sum() - granted.sum(), full.sum())


def _further_share(full: NDArray, granted: NDArray, ours: NDArray) -> float:
    return _ratio(granted.sum() - ours.sum(), full.sum())


def _per_refused(all_lost: NDArray, lost: NDArray, all_sold: NDArray, sold: NDArray) -> float:
    return _ratio(all_lost.sum() - lost.sum(), all_sold.sum() - sold.sum())


def _further_per_refused(
    all_lost: NDArray,
    lost: NDArray,
    our_lost: NDArray,
    all_sold: NDArray,
    sold: NDArray,
    our_sold: NDArray,
) -> float:
    ours = _per_refused(all_lost, our_lost, all_sold, our_sold)
    return ours - _per_refused(all_lost, lost, all_sold, sold)


def _ratio(part: float, whole: float) -> float:
    if not whole:
        raise ValueError("nothing was owed, sold or refused")  # such a draw is left out
    return float(part / whole)
