"""Exchange rates as known on a day."""

import numpy as np
from numpy.typing import NDArray

from features.as_of import latest, pick
from features.facts import Facts


def rates(
    facts: Facts, currencies: NDArray[np.str_], as_of: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Units of `facts.currency` for one unit of each currency, as known on each as_of day.

    Shape (len(as_of), len(currencies) + 1): the last column, which code -1 reaches, is for a null
    currency and holds 1, as does the column of `facts.currency`. Rates cross through the euro, by
    the latest quote known; NaN where none is known or the quote is not above zero.
    """
    days, day = np.unique(as_of, return_inverse=True)
    out = np.ones((len(days), len(currencies) + 1))
    foreign = np.flatnonzero(currencies != facts.currency)
    if len(foreign):
        target = _euros(facts, facts.currency, days)
        for column in foreign:
            out[:, column] = _euros(facts, currencies[column], days) / target
    return out[day]


def conversion(facts: Facts, table: str, as_of: NDArray[np.int32]) -> NDArray[np.float64]:
    """`rates` of the currencies of a table; empty where all its amounts are in `facts.currency`."""
    if table not in facts.foreign:
        return np.empty((0, 0))
    return rates(facts, facts[table].labels["currency"], as_of)


def _euros(facts: Facts, currency: str, days: NDArray[np.int32]) -> NDArray[np.float64]:
    """Euros for one unit of `currency` on each day, NaN where unknown."""
    if currency == "EUR":
        return np.ones(len(days))
    fx = facts["fx"]
    owner = np.full(len(days), fx.code("currency", currency), np.int64)
    quotes = pick(fx["rate"], latest(fx, "quoted_on", owner, days))
    return np.where(quotes > 0, quotes, np.nan)
