"""Exchange rates as known on a day."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.as_of import EVER, latest_row
from features.facts import Facts

EURO, UNKNOWN, OURS = -1, -2, -3  # owners of no quotes
FEW = 16


def rates(
    facts: Facts, currencies: NDArray[np.str_], as_of: NDArray[np.int32]
) -> NDArray[np.float64]:
    """Units of `facts.currency` for one unit of each currency, as known on each as_of day.

    Shape (len(as_of), len(currencies) + 1): the last column, which code -1 reaches, is for a null
    currency and holds 1, as does the column of `facts.currency`. Rates cross through the euro, by
    the latest quote known; NaN where none is known or the quote is not above zero.
    """
    return _crossed(facts, _owners(facts, currencies), as_of)


def conversion(facts: Facts, table: str, as_of: NDArray[np.int32]) -> NDArray[np.float64]:
    """`rates` of the currencies of a table; empty where all its amounts are in `facts.currency`."""
    if table not in facts.foreign:
        return np.empty((0, 0))
    return _crossed(facts, facts.once(_owners_in, table), as_of)


def _owners_in(facts: Facts, table: str) -> NDArray[np.int64]:
    return _owners(facts, facts[table].labels["currency"])


def _owners(facts: Facts, currencies: NDArray[np.str_]) -> NDArray[np.int64]:
    """Whose quotes convert each currency and, last, a null one."""
    owner = {**facts.quoted, "EUR": EURO, facts.currency: OURS}
    return np.array([*(owner.get(name, UNKNOWN) for name in currencies.tolist()), OURS])


def _crossed(
    facts: Facts, owners: NDArray[np.int64], as_of: NDArray[np.int32]
) -> NDArray[np.float64]:
    fx, ours = facts["fx"], facts.quoted.get(facts.currency, UNKNOWN)
    ours = EURO if facts.currency == "EUR" else ours
    # One request asks for a few days: then sorting costs more than it saves.
    few = len(as_of) <= FEW
    days, day = (as_of, slice(None)) if few else np.unique(as_of, return_inverse=True)
    return _rates(fx.start, fx.known, fx["quoted_on"], fx["rate"], owners, ours, days)[day]


@njit(cache=True, nogil=True, error_model="numpy")
def _rates(
    start: NDArray,
    known: NDArray,
    quoted_on: NDArray,
    quotes: NDArray,
    owners: NDArray,
    ours: int,
    days: NDArray,
) -> NDArray:
    """`ours` is the owner of the quotes of our currency, EURO or UNKNOWN."""
    out = np.ones((len(days), len(owners)))
    for row, day in enumerate(days):
        euros_for_ours = _euros(start, known, quoted_on, quotes, ours, day)
        for column, owner in enumerate(owners):
            if owner != OURS:
                euros = _euros(start, known, quoted_on, quotes, owner, day)
                out[row, column] = euros / euros_for_ours
    return out


@njit(cache=True, nogil=True)
def _euros(
    start: NDArray, known: NDArray, quoted_on: NDArray, quotes: NDArray, owner: int, day: int
) -> float:
    """Euros for one unit of a currency as known on a day."""
    if owner < 0:
        return 1.0 if owner == EURO else np.nan
    row = latest_row(start, known, quoted_on, owner, day, EVER, day)
    return quotes[row] if row >= 0 and quotes[row] > 0 else np.nan
