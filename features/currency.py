"""Exchange rates as known on a day."""

import numpy as np
from numpy.typing import NDArray

from features.as_of import latest, pick
from features.facts import Facts, Rows


def rates(
    facts: Facts, currencies: NDArray[np.str_], as_of: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Units of `facts.currency` for one unit of each currency, as known on each as_of day.

    Shape (len(as_of), len(currencies) + 1): the last column, which code -1 reaches, is for a null
    currency and holds 1, as does the column of `facts.currency`. Rates cross through the euro, by
    the latest quote known; NaN where none is known or the quote is not above zero.
    """
    days, day = np.unique(as_of, return_inverse=True)
    euros = _euros(facts["fx"], np.append(currencies, facts.currency), days)
    out = euros / euros[:, -1:]
    out[:, -1] = 1.0
    out[:, :-1][:, currencies == facts.currency] = 1.0
    return out[day]


def conversion(facts: Facts, table: str, as_of: NDArray[np.int32]) -> NDArray[np.float64]:
    """`rates` of the currencies of a table; empty where all its amounts are in `facts.currency`."""
    if table not in facts.foreign:
        return np.empty((0, 0))
    return rates(facts, facts[table].labels["currency"], as_of)


def _euros(fx: Rows, currencies: NDArray[np.str_], days: NDArray[np.int32]) -> NDArray[np.float64]:
    """Euros for one unit of each currency on each day, NaN where unknown."""
    quoted = fx.labels["currency"].tolist()
    owner = [quoted.index(currency) if currency in quoted else -1 for currency in currencies]
    row = latest(fx, "quoted_on", np.tile(owner, len(days)), np.repeat(days, len(owner)))
    quotes = pick(fx["rate"], row).reshape(len(days), len(owner))
    euros = np.where(quotes > 0, quotes, np.nan)
    euros[:, currencies == "EUR"] = 1.0
    return euros
