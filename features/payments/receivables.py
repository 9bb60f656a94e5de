"""Invoices as kernels read them: exact cents, and what was open as known on a day.

Amounts become whole cents of one currency before they are added, so that sums are exact and the
order of rows never shows in a result. Conventions, for ledgers as they really are:

- an invoice exists from its issue date; before it, nothing about it is known;
- a due date before the issue date counts as the issue date: nothing can be paid before it exists;
- a null due date never comes: the invoice is open but never overdue;
- an invoice is settled on `paid_on` or on the day its part payments first reach its amount,
  whichever comes first; until then they reduce what is open;
- a credit note (negative amount) without `paid_on` is an unallocated credit; it takes no parts;
- a null amount, or one in a currency without a known rate, is left out of every sum.
"""

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import to_cents
from features.payments.part_payments import Parts
from features.rows import Rows, read_only

# Cents of all invoices of one buyer, each times up to 730 days, must stay below 2**63.
MOST_CENTS = 1e16


class Receivables(NamedTuple):
    """Columns of the invoices, grouped by buyer like `Rows`.

    `settled` is the day an invoice was paid in full. `currency` is empty where every invoice is in
    the facts' currency.
    """

    start: NDArray[np.int64]
    issued: NDArray[np.int32]
    due: NDArray[np.int32]
    settled: NDArray[np.int32]
    disputed: NDArray[np.int32]
    amount: NDArray[np.float64]
    currency: NDArray[np.int32]
    supplier: NDArray[np.int32]
    suppliers: int
    parts: Parts

    @classmethod
    def of(cls, invoices: Rows, payments: Rows, foreign: bool) -> "Receivables":
        """The receivables of a set of buyers; `foreign`: some are in another currency."""
        parts = Parts.of(invoices, payments)
        return cls(
            invoices.start,
            invoices.known,
            invoices["due_on"],
            parts.settled(invoices["amount"], invoices["paid_on"]),
            invoices["disputed_on"],
            invoices["amount"],
            invoices["currency"] if foreign else read_only(np.empty(0, np.int32)),
            invoices["supplier_id"],
            len(invoices.labels["supplier_id"]),
            parts,
        )


@njit(cache=True, nogil=True, forceinline=True)
def due_day(book: Receivables, row: int) -> int:
    """The day an invoice falls due, not before it is issued."""
    return max(int(book.due[row]), int(book.issued[row]))


@njit(cache=True, nogil=True, forceinline=True)
def open_cents(parts: Parts, row: int, as_of: int, cents: int, rate: float) -> int:
    """What was left on as_of of an invoice of `cents` not settled by then."""
    if cents < 0 or not len(parts.start):
        return cents
    received = 0
    for part in range(parts.start[row], parts.start[row + 1]):
        if parts.day[part] <= as_of:
            received += to_cents(parts.amount[part] * rate)
    return min(max(cents - received, 0), cents)
