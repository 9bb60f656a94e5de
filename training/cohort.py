"""Cohorts: which buyers are looked at on which days. Functions of as_of_date alone."""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from features.calendar import days_between
from features.facts import Facts, Keys, Rows
from training.config import CohortRule

SIGNS_OF_LIFE = ("invoices", "statements", "ageing", "exposures")


def cohort(facts: Facts, rule: CohortRule) -> Keys:
    """The (buyer, as_of) pairs of `rule`, sorted by buyer, then as_of."""
    if rule.rule == "after_publication":
        statements = facts["statements"]
        pairs = pair(owner(statements), statements.known)
    else:
        pairs = _active_pairs(facts, rule)
    buyer, as_of = unpair(np.unique(pairs))
    inside = (as_of >= day_number(rule.first)) & (as_of <= day_number(rule.last))
    return Keys(buyer[inside], as_of[inside])


def _active_pairs(facts: Facts, rule: CohortRule) -> NDArray[np.int64]:
    """Grid pairs of buyers of whom something became known in the `active_days` before."""
    signs = [pair(owner(facts[name]), facts[name].known) for name in SIGNS_OF_LIFE]
    seen = np.unique(np.concatenate(signs))
    buyers = np.arange(len(facts.buyer_ids))
    days = days_between(rule.first, rule.last, rule.every_months)
    grid = [pair(buyers, np.full(len(buyers), day_number(day))) for day in days]
    pairs = np.concatenate([np.zeros(0, np.int64), *grid])
    return pairs[occurs_within(seen, pairs - rule.active_days, rule.active_days)]


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


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
