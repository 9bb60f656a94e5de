"""Table `usual_lateness` of a portfolio: how late its buyers paid, quarter by quarter, as known
then."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numba import njit
from numpy.typing import NDArray

from features.context import sections
from features.facts import Facts
from features.payments.payment_sums import QUARTER
from features.payments.receivables import Receivables, due_day
from features.payments.usual import SETTLING, tells
from features.tables import ALL_PAYERS, TABLES

FEWEST = 100  # invoices that tell, below which their mean would be noise


def usual_table(sums: Iterable[pa.Table]) -> pa.Table:
    """The table, from the `lateness_sums` of one portfolio or of its parts."""
    total = pa.concat_tables(sums).group_by(["payers", "published_on"])
    total = total.aggregate([("invoices", "sum"), ("days", "sum")])
    total = total.filter(pc.greater_equal(total["invoices_sum"], pa.scalar(FEWEST)))
    mean = pc.divide(pc.cast(total["days_sum"], pa.float64()), total["invoices_sum"])
    table = pa.table(
        [total["payers"], total["published_on"], mean], TABLES["usual_lateness"].schema
    )
    return table.sort_by([("payers", "ascending"), ("published_on", "ascending")])


def lateness_sums(facts: Facts, published_on: Iterable[date]) -> pa.Table:
    """Invoices that tell on each day and their days late, by country, sector and of all.

    They are those due in the quarter that ended SETTLING days before: of later ones only those
    paid early are known.
    """
    country, sector = _codes(facts, "country"), _codes(facts, "sector")
    parts = []
    for day in published_on:
        as_of = int(np.datetime64(day, "D").astype(np.int64))
        buyer, late = _late(facts.receivables, as_of)
        everyone = np.zeros(len(buyer), np.int64)
        for payers, codes in (
            (pa.array([ALL_PAYERS]), everyone),
            (country[0], country[1][buyer]),
            (sector[0], sector[1][buyer]),
        ):
            parts.append(_sums(payers, codes, late, day))
    return pa.concat_tables(parts)


def _codes(facts: Facts, column: str) -> tuple[pa.Array, NDArray[np.int64]]:
    """The payers that a column tells apart, and the code of each buyer (-1: unknown)."""
    buyers = facts["buyers"]
    labels = buyers.labels[column]
    if column == "sector":
        labels = sections(labels)
    payers, code = np.unique(labels, return_inverse=True)
    of_buyer = buyers[column][buyers.start[:-1]]
    return pa.array(payers.tolist(), pa.string()), np.append(code, -1)[of_buyer]


def _sums(payers: pa.Array, codes: NDArray[np.int64], late: NDArray, day: date) -> pa.Table:
    known = codes >= 0
    invoices = np.bincount(codes[known], minlength=len(payers))
    days = np.bincount(codes[known], late[known], len(payers)).astype(np.int64)
    return pa.table(
        {
            "payers": payers,
            "published_on": pa.repeat(pa.scalar(day, pa.date32()), len(payers)),
            "invoices": invoices,
            "days": days,
        }
    )


@njit(cache=True, nogil=True)
def _late(book: Receivables, as_of: int) -> tuple[NDArray, NDArray]:
    """Buyer and days late of each invoice that tells and was due in the quarter that settled."""
    buyers, late, count = np.empty(len(book.due), np.int64), np.empty(len(book.due), np.int64), 0
    for buyer in range(len(book.start) - 1):
        for row in range(book.start[buyer], book.start[buyer + 1]):
            due = due_day(book, row)
            if SETTLING <= as_of - due < SETTLING + QUARTER:
                days = tells(book, row, due, as_of)
                if days >= 0:
                    buyers[count], late[count] = buyer, days
                    count += 1
    return buyers[:count], late[:count]
