"""Cohorts: which buyers are looked at on which days. Functions of as_of_date alone."""

import numpy as np
from numpy.typing import NDArray

from features.calendar import day_number, days_between
from features.facts import Facts, Keys
from features.pairs import occurs_within, owner, pair, unpair
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
