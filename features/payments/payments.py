"""Payment behaviour: the formulas, from the sums of one pass over a buyer's invoices.

Sources: DBT as trade-credit bureaus define it; the PAYDEX scale (docs.dnb.com) for payment_index.
"""

from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.calendar import DAYS_A_MONTH
from features.currency import conversion
from features.facts import Facts, Keys
from features.parallel import over_slices
from features.payments.legal_terms import NET_DAYS
from features.payments.payment_features import FEATURES
from features.payments.payment_sums import HALF, RINGS, SUMS, TWO_YEARS, Sum, accumulate, add_up
from features.payments.receivables import MOST_CENTS, Receivables

__all__ = ["FEATURES", "build", "payment_index"]

KEYS_WORTH_A_THREAD = 512

INDEX_DAYS = np.array([-30.0, -20.0, 0.0, 15.0, 22.0, 30.0, 60.0, 90.0, 120.0, 180.0])
INDEX = np.array([100.0, 90.0, 80.0, 70.0, 60.0, 50.0, 40.0, 30.0, 20.0, 0.0])


class Measure(IntEnum):
    """Position of a feature among those of its window."""

    DBT = 0
    DBT_COUNT = 1
    PAYMENT_INDEX = 2
    LATE = 3
    LATE_30 = 4
    LATE_60 = 5
    LATE_90 = 6
    MOST = 7
    SPREAD = 8
    UNPAID = 9


MEASURES = len(Measure)


class Single(IntEnum):
    """Position of a feature that looks at several windows, or at purchases."""

    DBT_TREND_3M = 40
    DBT_TREND_12M = 41
    DBT_ACCELERATION = 42
    LATE_SLOPE = 43
    PART_PAID = 44
    DISPUTED = 45
    HISTORY = 46
    INVOICES = 47
    SUPPLIERS = 48
    LARGEST_SUPPLIER = 49
    LARGEST_INVOICE = 50
    PURCHASE_TREND_3M = 51
    PURCHASE_TREND_12M = 52
    CREDIT_NOTES = 53
    TERMS_TO_LEGAL = 54
    TERMS_OVER_LEGAL = 55
    PURCHASES = 56
    PURCHASE_TERMS = 57


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """Payment features, shape (len(keys), len(FEATURES)), NaN where nothing is known.

    Raises ValueError where the invoices of one buyer exceed what exact sums can hold.
    """
    book, rates = facts.receivables, conversion(facts, "invoices", keys.as_of)
    out = np.empty((len(keys), len(FEATURES)))
    refused = over_slices(
        lambda part: _fill(book, rates[part], keys.buyer[part], keys.as_of[part], out[part]),
        len(keys),
        KEYS_WORTH_A_THREAD,
    )
    if (buyer := max(refused)) >= 0:
        raise ValueError(
            f"table 'invoices': the amounts of buyer {facts.buyers[buyer].as_py()!r} add up to "
            f"more than {MOST_CENTS / 100:.0e} {facts.currency}: check their unit and currency"
        )
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def payment_index(days: float) -> float:
    """Days beyond terms on the PAYDEX-like scale: 80 prompt, 50 a month late, 100 a month early.

    >>> [round(payment_index(days), 1) for days in (0, 7.5, 31.43, 45, 120)]
    [80.0, 75.0, 49.5, 45.0, 20.0]
    """
    if days <= INDEX_DAYS[0]:
        return INDEX[0]
    for right in range(1, len(INDEX)):
        if days <= INDEX_DAYS[right]:
            share = (days - INDEX_DAYS[right - 1]) / (INDEX_DAYS[right] - INDEX_DAYS[right - 1])
            return INDEX[right - 1] + share * (INDEX[right] - INDEX[right - 1])
    return INDEX[-1]


@njit(cache=True, nogil=True, error_model="numpy")
def _fill(book: Receivables, rates: NDArray, buyer: NDArray, as_of: NDArray, out: NDArray) -> int:
    """Write the features of each key; returns a buyer whose amounts are beyond bounds, or -1."""
    sums = np.empty((RINGS, SUMS), np.int64)
    spent = np.zeros(book.suppliers + 1, np.int64)
    suppliers = np.empty(book.suppliers + 2, np.int32)
    refused = -1
    for key in range(len(buyer)):
        first, last = book.start[buyer[key]], book.start[buyer[key] + 1]
        since, cents, count = add_up(
            book, rates, first, last, key, int(as_of[key]), sums, spent, suppliers
        )
        if cents > MOST_CENTS:
            refused = buyer[key]
        accumulate(sums)
        out[key] = np.nan
        for window in range(RINGS):
            _write_window(sums[window], out[key, window * MEASURES :])
        _write_trends(sums, out[key])
        _write_purchases(sums, as_of[key] - since, out[key])
        _write_suppliers(spent, suppliers[:count], out[key])
    return refused


@njit(cache=True, nogil=True, error_model="numpy")
def _write_window(window: NDArray, out: NDArray) -> None:
    count = window[Sum.COUNT]
    if not count:
        return
    cents = _owed(window)
    out[Measure.DBT] = window[Sum.CENT_DAYS] / cents
    out[Measure.DBT_COUNT] = window[Sum.DAYS] / count
    early = window[Sum.CENT_DAYS_EARLY] / cents
    out[Measure.PAYMENT_INDEX] = payment_index(
        out[Measure.DBT] if window[Sum.CENT_DAYS] else -early
    )
    out[Measure.LATE] = (cents - window[Sum.ON_TIME]) / cents
    out[Measure.LATE_30] = _over_30(window) / cents
    out[Measure.LATE_60] = (window[Sum.LATE_61] + window[Sum.LATE_91]) / cents
    out[Measure.LATE_90] = window[Sum.LATE_91] / cents
    out[Measure.MOST] = window[Sum.MOST_DAYS]
    if count > 1:
        spread = count * window[Sum.SQUARED_DAYS] - window[Sum.DAYS] ** 2
        out[Measure.SPREAD] = np.sqrt(spread / (count * (count - 1)))
    out[Measure.UNPAID] = window[Sum.UNPAID] / cents


@njit(cache=True, nogil=True, error_model="numpy")
def _write_trends(sums: NDArray, out: NDArray) -> None:
    quarter, half, year, two_years = sums[0], sums[1], sums[2], sums[3]
    now, before = out[Measure.DBT], _dbt(half, quarter)
    out[Single.DBT_TREND_3M] = now - before
    out[Single.DBT_TREND_12M] = out[2 * MEASURES + Measure.DBT] - _dbt(two_years, year)
    out[Single.DBT_ACCELERATION] = (now - before) - (before - _dbt(year, half))
    count = year[Sum.COUNT]
    spread = count * year[Sum.SQUARED_AGES] - year[Sum.AGES] ** 2
    if count > 2 and spread > (count * DAYS_A_MONTH) ** 2:
        together = count * year[Sum.AGES_DAYS] - year[Sum.AGES] * year[Sum.DAYS]
        out[Single.LATE_SLOPE] = -together / spread * DAYS_A_MONTH
    if year[Sum.IN_PARTS]:
        out[Single.PART_PAID] = year[Sum.IN_PARTS] / count
    out[Single.DISPUTED] = _share(year[Sum.DISPUTED], year[Sum.DISPUTED] + _owed(year))


@njit(cache=True, nogil=True, error_model="numpy")
def _dbt(window: NDArray, within: NDArray) -> float:
    """Days beyond terms of the invoices in a window but not in the one within it."""
    return _share(window[Sum.CENT_DAYS] - within[Sum.CENT_DAYS], _owed(window) - _owed(within))


@njit(cache=True, nogil=True, error_model="numpy")
def _owed(window: NDArray) -> int:
    """Cents of the invoices due, undisputed."""
    return _over_30(window) + window[Sum.ON_TIME] + window[Sum.LATE_1]


@njit(cache=True, nogil=True, error_model="numpy")
def _over_30(window: NDArray) -> int:
    return window[Sum.LATE_31] + window[Sum.LATE_61] + window[Sum.LATE_91]


@njit(cache=True, nogil=True, error_model="numpy")
def _write_purchases(sums: NDArray, history: int, out: NDArray) -> None:
    """`history`: days since the first invoice known, negative without any."""
    out[Single.HISTORY] = max(history, 0) / DAYS_A_MONTH
    if history < 0:
        return
    quarter, half, year, two_years = sums[0], sums[1], sums[2], sums[3]
    out[Single.PURCHASES] = (year[Sum.BOUGHT] - year[Sum.CREDITED]) / 100.0
    out[Single.INVOICES] = year[Sum.INVOICES]
    out[Single.LARGEST_INVOICE] = _share(year[Sum.LARGEST], year[Sum.BOUGHT])
    out[Single.CREDIT_NOTES] = _share(year[Sum.CREDITED], year[Sum.BOUGHT])
    if history >= HALF:
        out[Single.PURCHASE_TREND_3M] = _share(
            2 * quarter[Sum.BOUGHT] - half[Sum.BOUGHT], half[Sum.BOUGHT]
        )
    if history >= TWO_YEARS:
        out[Single.PURCHASE_TREND_12M] = _share(
            2 * year[Sum.BOUGHT] - two_years[Sum.BOUGHT], two_years[Sum.BOUGHT]
        )
    out[Single.PURCHASE_TERMS] = _share(year[Sum.TERM_DAYS], year[Sum.TERMED])
    out[Single.TERMS_TO_LEGAL] = out[Single.PURCHASE_TERMS] / NET_DAYS
    out[Single.TERMS_OVER_LEGAL] = _share(year[Sum.OVER_LEGAL], year[Sum.TERMED])


@njit(cache=True, nogil=True, error_model="numpy")
def _write_suppliers(spent: NDArray, suppliers: NDArray, out: NDArray) -> None:
    """Number and concentration of the known suppliers; empties `spent` for the next key."""
    known, most, total = 0, 0, 0
    for supplier in suppliers:
        if supplier >= 0:
            known, most, total = known + 1, max(most, spent[supplier]), total + spent[supplier]
        spent[supplier] = 0
    if known:
        out[Single.SUPPLIERS] = known
        out[Single.LARGEST_SUPPLIER] = most / total


@njit(cache=True, nogil=True, error_model="numpy")
def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan
