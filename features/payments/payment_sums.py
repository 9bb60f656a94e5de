"""What is added up over a buyer's invoices: one pass, exact sums, four rings before as_of.

The rings are the last quarter before as_of, the quarter before that, the half year before, and the
year before; the windows (3, 6, 12, 24 months) are the rings within them. Days late of an invoice
run from its due date to its settlement, or to as_of while it is open, so that an unpaid invoice
ages and is never left out. Lateness goes by due date, in (as_of - w, as_of]; it leaves out credit
notes and invoices disputed as known on as_of. Purchases go by issue date.

Sums are of whole cents and days in int64: exact, whatever the order of rows. They hold 10**14 units
of money (MOST_CENTS, refused beyond) and four million invoices due of one buyer.
"""

from enum import IntEnum

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import to_cents
from features.payments.legal_terms import beyond_legal_terms
from features.payments.part_payments import left_a_balance
from features.payments.receivables import Receivables, due_day, open_cents
from features.rows import NEVER

WINDOW_DAYS = (91, 182, 365, 730)
QUARTER, HALF, YEAR, TWO_YEARS = WINDOW_DAYS
RINGS = len(WINDOW_DAYS)
EARLY_ENOUGH = 30  # days: earlier than that counts as that


class Sum(IntEnum):
    """Columns of the sums."""

    # By due date: cents by days late, cents by something else, invoices
    ON_TIME = 0
    LATE_1 = 1
    LATE_31 = 2
    LATE_61 = 3
    LATE_91 = 4
    CENT_DAYS = 5
    CENT_DAYS_EARLY = 6
    UNPAID = 7
    DISPUTED = 8
    COUNT = 9
    DAYS = 10
    SQUARED_DAYS = 11
    AGES = 12
    SQUARED_AGES = 13
    AGES_DAYS = 14
    IN_PARTS = 15
    MOST_DAYS = 16
    # By issue date: cents, invoices
    BOUGHT = 17
    CREDITED = 18
    LARGEST = 19
    TERMED = 20
    TERM_DAYS = 21
    OVER_LEGAL = 22
    INVOICES = 23


SUMS = len(Sum)


@njit(cache=True, nogil=True)
def add_up(
    book: Receivables,
    rates: NDArray,
    first: int,
    last: int,
    key: int,
    as_of: int,
    sums: NDArray,
    spent: NDArray,
    suppliers: NDArray,
) -> tuple[int, float, int]:
    """Write the sums (RINGS, SUMS) over the invoices `first:last` known on as_of.

    `spent` gains the purchases of the last year by supplier, `suppliers` whom they are from (-1:
    unknown). Returns the first issue day (NEVER without any), the cents of all invoices together,
    which must not exceed MOST_CENTS, and the number of suppliers.
    """
    sums[:] = 0
    since, total, count = int(NEVER), 0.0, 0
    for row in range(first, last):
        issued = int(book.issued[row])
        if issued > as_of:
            continue
        since = min(since, issued)
        rate = rates[key, book.currency[row]] if len(book.currency) else 1.0
        amount = book.amount[row] * rate
        if not np.isfinite(amount):
            continue
        total += abs(amount) * 100.0
        cents, due = to_cents(amount), due_day(book, row)
        ring = _ring(as_of - issued)
        if ring < RINGS:
            _add_purchase(sums[ring], cents, issued, due)
            supplier, bought = book.supplier[row], max(cents, 0) * (ring < RINGS - 1)
            suppliers[count] = supplier
            count += (spent[supplier] == 0) & (bought > 0)
            spent[supplier] += bought
        ring = _ring(as_of - due) if cents > 0 and due <= as_of else RINGS
        if ring == RINGS:
            continue
        if book.disputed[row] <= as_of:
            sums[ring, Sum.DISPUTED] += cents
            continue
        settled = min(int(book.settled[row]), as_of + 1)
        if settled > as_of:
            sums[ring, Sum.UNPAID] += open_cents(book.parts, row, as_of, cents, rate)
        sums[ring, Sum.IN_PARTS] += left_a_balance(book.parts, row, settled, as_of)
        _add_lateness(sums[ring], cents, min(settled, as_of) - due, as_of - due)
    return since, total, count


@njit(cache=True, nogil=True, forceinline=True)
def _ring(age: int) -> int:
    """The ring a day of this age falls in, RINGS if it is older than all of them."""
    return (age >= QUARTER) + (age >= HALF) + (age >= YEAR) + (age >= TWO_YEARS)


@njit(cache=True, nogil=True, forceinline=True)
def _add_purchase(ring: NDArray, cents: int, issued: int, due: int) -> None:
    if cents < 0:
        ring[Sum.CREDITED] -= cents
        return
    ring[Sum.BOUGHT] += cents
    ring[Sum.INVOICES] += cents > 0
    ring[Sum.LARGEST] = max(ring[Sum.LARGEST], cents)
    if due < NEVER:
        ring[Sum.TERMED] += cents
        ring[Sum.TERM_DAYS] += cents * min(due - issued, TWO_YEARS)
        if beyond_legal_terms(issued, due):
            ring[Sum.OVER_LEGAL] += cents


@njit(cache=True, nogil=True, forceinline=True)
def _add_lateness(ring: NDArray, cents: int, days: int, age: int) -> None:
    late = max(days, 0)
    ring[(late > 0) + (late > 30) + (late > 60) + (late > 90)] += cents
    ring[Sum.CENT_DAYS] += cents * late
    ring[Sum.CENT_DAYS_EARLY] += cents * min(late - days, EARLY_ENOUGH)
    ring[Sum.COUNT] += 1
    ring[Sum.DAYS] += late
    ring[Sum.SQUARED_DAYS] += late * late
    ring[Sum.AGES] += age
    ring[Sum.SQUARED_AGES] += age * age
    ring[Sum.AGES_DAYS] += age * late
    ring[Sum.MOST_DAYS] = max(ring[Sum.MOST_DAYS], late)


@njit(cache=True, nogil=True)
def accumulate(sums: NDArray) -> None:
    """From rings to windows: each holds those within it."""
    for ring in range(1, RINGS):
        most_days = max(sums[ring, Sum.MOST_DAYS], sums[ring - 1, Sum.MOST_DAYS])
        largest = max(sums[ring, Sum.LARGEST], sums[ring - 1, Sum.LARGEST])
        for column in range(SUMS):
            sums[ring, column] += sums[ring - 1, column]
        sums[ring, Sum.MOST_DAYS], sums[ring, Sum.LARGEST] = most_days, largest
