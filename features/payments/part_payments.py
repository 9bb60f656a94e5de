"""Part payments, linked to the invoices they belong to within their buyer."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import to_cents
from features.rows import Rows, read_only


class Parts(NamedTuple):
    """The part payments of invoice row `i` are `start[i]:start[i + 1]`, by day.

    Where no part payment is on record, `start` is empty.
    """

    start: NDArray[np.int64]
    day: NDArray[np.int32]
    amount: NDArray[np.float64]

    @classmethod
    def of(cls, invoices: Rows, payments: Rows) -> "Parts":
        """Part payments by invoice; those of an unknown invoice, or null, are left out."""
        if not len(payments):
            return cls._fixed(np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0))
        day, amount = payments["paid_on"], payments["amount"]
        row = np.where(np.isfinite(amount), _invoice_rows(invoices, payments), -1)
        order = np.lexsort((amount, day, row))  # by amount too: equal days keep no order
        order = order[np.searchsorted(row[order], 0) :]
        start = np.searchsorted(row[order], np.arange(len(invoices) + 1))
        return cls._fixed(start, day[order], amount[order])

    @classmethod
    def _fixed(cls, start: NDArray, day: NDArray, amount: NDArray) -> "Parts":
        return cls(read_only(start), read_only(day), read_only(amount))

    def settled(self, invoiced: NDArray[np.float64], paid: NDArray[np.int32]) -> NDArray[np.int32]:
        """The day each invoice was paid in full, by its last payment or by its parts together."""
        if not len(self.start):
            return paid
        return read_only(_settled(self, invoiced, paid))


@njit(cache=True, nogil=True, forceinline=True)
def left_a_balance(parts: Parts, row: int, settled: int, as_of: int) -> bool:
    """Whether a part payment known on as_of left the invoice open."""
    if not len(parts.start) or parts.start[row] == parts.start[row + 1]:
        return False
    first = parts.day[parts.start[row]]
    return first <= as_of and first < settled


@njit(cache=True, nogil=True)
def _settled(
    parts: Parts, invoiced: NDArray[np.float64], paid: NDArray[np.int32]
) -> NDArray[np.int32]:
    settled = paid.copy()
    for row in range(len(paid)):
        received = 0
        for part in range(parts.start[row], parts.start[row + 1]):
            received += to_cents(parts.amount[part])
            if invoiced[row] > 0 and received >= to_cents(invoiced[row]):
                settled[row] = min(paid[row], parts.day[part])
                break
    return settled


def _invoice_rows(invoices: Rows, payments: Rows) -> NDArray[np.int64]:
    """The row of the invoice each part payment belongs to, within its buyer; -1 if none."""
    numbers = pc.unique(payments.arrow["invoice_id"]).drop_null()
    invoice, part = _owned_codes(invoices, numbers), _owned_codes(payments, numbers)
    candidates = np.flatnonzero(invoice >= 0)
    candidates = candidates[np.argsort(invoice[candidates], kind="stable")]
    if not len(candidates):
        return np.full(len(payments), -1)
    found = candidates[np.searchsorted(invoice[candidates], part).clip(max=len(candidates) - 1)]
    return np.where(invoice[found] == part, found, -1)


def _owned_codes(rows: Rows, numbers: pa.Array) -> NDArray[np.int64]:
    """One code for each (buyer, invoice_id), -1 where the number is not among `numbers`."""
    code = pc.index_in(rows.arrow["invoice_id"], value_set=numbers).fill_null(-1).to_numpy()
    buyer = np.repeat(np.arange(len(rows.start) - 1), np.diff(rows.start))
    return np.where(code >= 0, buyer * len(numbers) + code, -1)
