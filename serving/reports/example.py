"""A buyer worth showing: one of whom a limit explains something."""

from datetime import date
from pathlib import Path

import numpy as np

from features.facts import Facts, Keys
from features.tables import read_tables
from models.assessment import assess
from models.credit_model import CreditModel
from models.explanation import topic_sums
from models.limits.limit import DECISIONS


def example_buyer(
    model: CreditModel, portfolio: Path, as_of_date: date, requested_amount: float
) -> str:
    """Of the buyers who would get a part of `requested_amount`, the one whose topics pull hardest
    against one another; where none gets a part, of all."""
    facts = Facts.of(read_tables(portfolio), model.policy.currency)
    keys = Keys.on(as_of_date, np.arange(len(facts.buyers)))
    found = assess(model, facts, keys, {"requested_amount": requested_amount})
    sums = topic_sums(model.topics, found.contributions)
    effects = np.column_stack(list(sums.values()))
    pull = np.minimum(effects.clip(0).sum(axis=1), -effects.clip(max=0).sum(axis=1))
    partly = found.limits.decision == DECISIONS.index("partial")
    return str(facts.buyer_ids[np.argmax(np.where(partly | ~partly.any(), pull, -1))])
