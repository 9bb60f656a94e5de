"""Aged balances: what a buyer owes by days beyond terms, from its invoices or from snapshots.

Where invoices are known the balance is aged from them; where only snapshots are, it is the latest
of each supplier, summed. Both give the same features. Buckets go by due date. Disputed invoices,
which snapshots do not tell apart, are owed but not overdue.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import to_cents
from features.currency import conversion
from features.facts import Facts, Keys
from features.parallel import over_slices
from features.payments.ageing_features import FEATURES
from features.payments.receivables import Receivables, due_day, open_cents
from features.rows import Rows

__all__ = ["BUCKETS", "FEATURES", "balances", "build", "rebuild"]

BUCKETS = (
    "not_due",
    "days_1_30",
    "days_31_60",
    "days_61_90",
    "days_91_180",
    "over_180",
    "unallocated_credits",
)
# Columns of a balance: the buckets, then what is disputed.
NOT_DUE, DAYS_1_30, CREDITS, DISPUTED = 0, 1, 6, 7
COLUMNS = 8
# Columns of the features; those of the overdue buckets follow OVERDUE_SHARE, those of the buckets'
# amounts NOT_DUE_AMOUNT.
OPEN_AMOUNT, OVERDUE_AMOUNT, OVERDUE_SHARE, DAYS_LATE, CREDITS_SHARE, CHANGE = 0, 1, 2, 8, 9, 10
NOT_DUE_AMOUNT, SHARE_12M, SHARE_MAX_12M, DAYS_LATE_12M, TREND_12M = 11, 17, 18, 19, 20
UNKNOWN = np.int64(-(2**63))  # no sum of cents comes near

MID_DAYS = np.array([0.0, 15.5, 45.5, 75.5, 135.5, 270.5])
STALE_DAYS = 100  # a quarterly snapshot, and the time it takes to come
QUARTER, QUARTERS = np.int32(91), 4  # days; balances of a year
KEYS_WORTH_A_THREAD = 2048


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """Balance features, shape (len(keys), len(FEATURES)), NaN where no balance is known."""
    days = [keys.as_of - QUARTER * back for back in range(QUARTERS)]
    buyers = [keys.buyer] * QUARTERS
    year = balances(facts, Keys(np.concatenate(buyers), np.concatenate(days)))
    out = np.full((len(keys), len(FEATURES)), np.nan)
    _write(year.reshape(QUARTERS, len(keys), COLUMNS), out)
    return out


def balances(facts: Facts, keys: Keys) -> NDArray[np.int64]:
    """What each key owed, in cents of `facts.currency`, shape (len(keys), COLUMNS).

    Every column is UNKNOWN where neither an invoice nor a fresh snapshot is known.
    """
    out = np.full((len(keys), COLUMNS), UNKNOWN)
    book, snapshots = facts.receivables, _snapshots(facts["ageing"])
    invoice_rates = conversion(facts, "invoices", keys.as_of)
    snapshot_rates = conversion(facts, "ageing", keys.as_of)

    def fill(part: slice) -> None:
        buyer, as_of = keys.buyer[part], keys.as_of[part]
        _age_invoices(book, invoice_rates[part], buyer, as_of, out[part])
        _add_snapshots(snapshots, snapshot_rates[part], buyer, as_of, out[part])

    over_slices(fill, len(keys), KEYS_WORTH_A_THREAD)
    return out


def rebuild(facts: Facts, as_of_date: date) -> pa.Table:
    """Table `ageing` on a day, from the invoices known then: one row for each buyer, supplier and
    currency with an invoice, zeros where all is paid. Disputed invoices stay in their bucket."""
    invoices, book = facts["invoices"], facts.receivables
    as_of = int(np.datetime64(as_of_date, "D").astype(np.int64))
    row, bucket, cents = _age_rows(book, as_of)
    owner = np.repeat(np.arange(len(facts.buyers)), np.diff(book.start))
    pairs = np.stack([owner, invoices["supplier_id"], invoices["currency"]])[:, row]
    pairs, place = np.unique(pairs, axis=1, return_inverse=True)
    sums = np.zeros((len(BUCKETS), pairs.shape[1]), np.int64)
    np.add.at(sums, (bucket, place), cents)
    buyer, supplier, currency = pairs
    return pa.table(
        {
            "buyer_id": facts.buyers.take(pa.array(buyer)),
            "supplier_id": _labelled(invoices, "supplier_id", supplier),
            "balance_date": pa.repeat(pa.scalar(as_of_date, pa.date32()), len(buyer)),
            **dict(zip(BUCKETS, sums / 100.0, strict=True)),
            "currency": _labelled(invoices, "currency", currency),
        }
    )


class Snapshots(NamedTuple):
    """Columns of the table `ageing`, grouped by buyer like `Rows`."""

    start: NDArray[np.int64]
    known: NDArray[np.int32]
    supplier: NDArray[np.int32]
    suppliers: int
    currency: NDArray[np.int32]
    amounts: tuple[NDArray[np.float64], ...]


def _snapshots(ageing: Rows) -> Snapshots:
    return Snapshots(
        ageing.start,
        ageing.known,
        ageing["supplier_id"],
        len(ageing.labels["supplier_id"]),
        ageing["currency"],
        tuple(ageing[bucket] for bucket in BUCKETS),
    )


def _labelled(rows: Rows, column: str, codes: NDArray[np.int64]) -> pa.Array:
    labels = pa.array(rows.labels[column].tolist(), pa.string())
    return labels.take(pa.array(codes, mask=codes < 0))


@njit(cache=True, nogil=True)
def _age_invoices(
    book: Receivables, rates: NDArray, buyer: NDArray, as_of: NDArray, out: NDArray
) -> None:
    for key in range(len(buyer)):
        for row in range(book.start[buyer[key]], book.start[buyer[key] + 1]):
            if book.issued[row] > as_of[key]:
                continue
            if out[key, 0] == UNKNOWN:
                out[key] = 0
            if book.settled[row] > as_of[key]:
                rate = rates[key, book.currency[row]] if len(book.currency) else 1.0
                bucket, cents = _open(book, row, int(as_of[key]), rate)
                disputed = cents > 0 and book.disputed[row] <= as_of[key]
                out[key, DISPUTED if disputed else bucket] += cents


@njit(cache=True, nogil=True)
def _age_rows(book: Receivables, as_of: int) -> tuple[NDArray, NDArray, NDArray]:
    """Row, bucket and open cents, in the invoice's currency, of every invoice known on as_of."""
    rows = np.flatnonzero(book.issued <= as_of)
    buckets, cents = np.empty(len(rows), np.int64), np.empty(len(rows), np.int64)
    for place in range(len(rows)):
        row = int(rows[place])
        buckets[place], cents[place] = _open(book, row, as_of, 1.0)
        if book.settled[row] <= as_of:
            cents[place] = 0
    return rows, buckets, cents


@njit(cache=True, nogil=True)
def _open(book: Receivables, row: int, as_of: int, rate: float) -> tuple[int, int]:
    """The bucket and the open cents of an invoice not settled on as_of."""
    amount = book.amount[row] * rate
    if not np.isfinite(amount):
        return NOT_DUE, 0
    cents = open_cents(book.parts, row, as_of, to_cents(amount), rate)
    if cents < 0:
        return CREDITS, cents
    late = as_of - due_day(book, row)
    return (late > 0) + (late > 30) + (late > 60) + (late > 90) + (late > 180), cents


@njit(cache=True, nogil=True)
def _add_snapshots(
    rows: Snapshots, rates: NDArray, buyer: NDArray, as_of: NDArray, out: NDArray
) -> None:
    """Where no invoice gave a balance, the sum of each supplier's latest fresh snapshot."""
    latest = np.zeros(rows.suppliers + 1, np.int64)  # day by supplier, 0: none
    for key in range(len(buyer)):
        if out[key, 0] != UNKNOWN:
            continue
        first, last = rows.start[buyer[key]], rows.start[buyer[key] + 1]
        latest[rows.supplier[first:last]] = 0
        for row in range(first, last):
            if as_of[key] - STALE_DAYS < rows.known[row] <= as_of[key]:
                supplier = rows.supplier[row]
                latest[supplier] = max(latest[supplier], rows.known[row])
        for row in range(first, last):
            if rows.known[row] == latest[rows.supplier[row]]:
                rate = rates[key, rows.currency[row]] if len(rates) else 1.0
                _add_snapshot(rows, row, rate, out[key])


@njit(cache=True, nogil=True)
def _add_snapshot(rows: Snapshots, row: int, rate: float, balance: NDArray) -> None:
    if balance[0] == UNKNOWN:
        balance[:] = 0
    for bucket in range(len(BUCKETS)):
        amount = rows.amounts[bucket][row] * rate
        if np.isfinite(amount):
            balance[bucket] += to_cents(amount)


@njit(cache=True, nogil=True)
def _write(year: NDArray, out: NDArray) -> None:
    """The features of each key, in the order of FEATURES, of its balances (QUARTERS, keys, COLUMNS)
    on as_of and one, two and three quarters before."""
    for key in range(len(out)):
        if year[0, key, 0] != UNKNOWN:
            _write_balance(year[0, key], out[key])
            _write_year(year[:, key], out[key])


@njit(cache=True, nogil=True)
def _write_balance(balance: NDArray, out: NDArray) -> None:
    aged = balance[:CREDITS].sum()
    out[OPEN_AMOUNT] = balance.sum() / 100.0
    out[OVERDUE_AMOUNT] = (aged - balance[NOT_DUE]) / 100.0
    for bucket in range(CREDITS):
        out[NOT_DUE_AMOUNT + bucket] = balance[bucket] / 100.0
    if aged <= 0:
        return
    out[OVERDUE_SHARE], out[DAYS_LATE] = _lateness(balance)
    out[CREDITS_SHARE] = -balance[CREDITS] / aged
    for bucket in range(DAYS_1_30, CREDITS):
        out[OVERDUE_SHARE + bucket] = balance[bucket] / aged


@njit(cache=True, nogil=True)
def _write_year(year: NDArray, out: NDArray) -> None:
    known, total, most, days = 0, 0.0, 0.0, 0.0
    balances_before, owed_before = 0, 0
    for quarter in range(QUARTERS):
        balance = year[quarter]
        if balance[0] == UNKNOWN:
            continue
        if quarter:
            balances_before, owed_before = balances_before + 1, owed_before + balance.sum()
        share, late = _lateness(balance)
        if np.isnan(share):
            continue
        if quarter == 1:
            out[CHANGE] = out[OVERDUE_SHARE] - share
        known, total, most, days = known + 1, total + share, max(most, share), days + late
    if known:
        out[SHARE_12M], out[SHARE_MAX_12M], out[DAYS_LATE_12M] = total / known, most, days / known
    if owed_before > 0:
        out[TREND_12M] = year[0].sum() * balances_before / owed_before - 1.0


@njit(cache=True, nogil=True)
def _lateness(balance: NDArray) -> tuple[float, float]:
    """The share overdue, and the days beyond terms; NaN where nothing undisputed is open."""
    aged, days = balance[:CREDITS].sum(), 0.0
    if aged <= 0:
        return np.nan, np.nan
    for bucket in range(DAYS_1_30, CREDITS):
        days += balance[bucket] / aged * MID_DAYS[bucket]
    return (aged - balance[NOT_DUE]) / aged, days
