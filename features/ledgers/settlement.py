"""Payments against invoices: which payment settled which invoice, in part or in full.

A payment that names its invoice pays it. Otherwise invoices and payments of one buyer with one
matching code (lettrage, clearing document) belong together, and within such a group the invoice due
first is paid first, by the payment made first (French civil code art. 1342-10). A credit note of
the group pays like money. Amounts are whole cents, so that "paid in full" is exact.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.ledgers.checks import mask
from features.ledgers.rules import fill
from features.tables import TABLES

NO_PAYMENTS = TABLES["payments"].schema.empty_table()


class Items(NamedTuple):
    """Claims or payments: the group they belong to (-1: none), when they count, and their cents;
    only those above zero take part."""

    group: NDArray[np.int64]
    day: NDArray[np.int32]
    cents: NDArray[np.int64]


class Allocation(NamedTuple):
    """Cents of payment `payment[i]` that went to claim `claim[i]`."""

    claim: NDArray[np.int64]
    payment: NDArray[np.int64]
    cents: NDArray[np.int64]


class Settlement(NamedTuple):
    """The outcome for a ledger: `invoices` with `paid_on` filled where it was empty, the `parts`
    (payments of invoices not paid at once), the payments that found no invoice to pay, and those
    larger than what their invoices owed."""

    invoices: pa.Table
    parts: pa.Table
    unused: NDArray[np.bool_]
    surplus: NDArray[np.bool_]


def allocate(claims: Items, payments: Items) -> Allocation:
    """Set payments against claims, group by group, first day first.

    Both sides are laid along one axis of cents, the groups one after the other; each stretch
    between two ends belongs to one claim and one payment.

    >>> claims = Items(np.zeros(2, int), np.array([10, 20]), np.array([100, 50]))
    >>> payments = Items(np.zeros(2, int), np.array([12, 30]), np.array([60, 70]))
    >>> [x.tolist() for x in allocate(claims, payments)]
    [[0, 0, 1], [0, 1, 1], [60, 40, 30]]
    """
    groups = int(max(claims.group.max(initial=-1), payments.group.max(initial=-1))) + 1
    owed, paid = (_totals_of_groups(side, groups) for side in (claims, payments))
    start = np.cumsum(np.maximum(owed, paid)) - np.maximum(owed, paid)
    claim, claim_end = _along(claims, start)
    payment, payment_end = _along(payments, start)
    shared = start + np.minimum(owed, paid)
    ends = np.union1d(
        claim_end[claim_end <= shared[claims.group[claim]]],
        payment_end[payment_end <= shared[payments.group[payment]]],
    )
    at_claim = claim[np.searchsorted(claim_end, ends)]
    at_payment = payment[np.searchsorted(payment_end, ends)]
    begins = np.maximum(np.concatenate([[0], ends[:-1]]), start[claims.group[at_claim]])
    return Allocation(at_claim, at_payment, ends - begins)


def _totals_of_groups(items: Items, groups: int) -> NDArray[np.int64]:
    counted = (items.group >= 0) & (items.cents > 0)
    return _totals(items.group[counted], items.cents[counted], groups)


def _along(items: Items, start: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The items in order of group and day, and where each ends on the axis of cents."""
    order = np.lexsort((items.day, items.group))
    order = order[(items.group[order] >= 0) & (items.cents[order] > 0)]
    group, ends = items.group[order], np.cumsum(items.cents[order])
    first = np.searchsorted(group, group)
    before = ends[first] - items.cents[order][first]
    return order, start[group] + ends - before


def settle(invoices: pa.Table, payments: pa.Table) -> Settlement:
    """Set payments (buyer_id, paid_on, amount, and `reference` or `match`) against invoices (with
    `number`, as references have it, and perhaps `match`)."""
    count = len(payments)
    issued = _days(invoices["issued_on"])
    cents, paid = _cents(invoices["amount"]), _cents(payments["amount"])
    # Credit notes stand after the payments, as further ones.
    claim, payment, part = _set_against(invoices, payments, cents, np.append(paid, -cents))
    note = payment >= count
    day = np.append(_days(payments["paid_on"]), issued)[payment]
    day = np.where(note, np.maximum(day, issued[claim]), day)

    received = _totals(claim, part, len(cents))
    settled = (cents > 0) & (received >= cents)
    settled[payment[note] - count] = True
    last = np.full(len(cents), np.iinfo(np.int32).min, np.int32)
    np.maximum.at(last, claim, day)
    np.maximum.at(last, payment[note] - count, day[note])
    settled &= mask(invoices["paid_on"].is_null())

    at_once = (np.bincount(claim, minlength=len(cents)) == 1) & (received >= cents)
    left = paid - _totals(payment, part, len(paid) + len(cents))[:count]
    return Settlement(
        fill(invoices, "paid_on", settled, pa.array(last).cast(pa.date32())),
        _parts(invoices, claim, day, part, ~at_once[claim]),
        unused=left == paid,
        surplus=(left > 0) & (left < paid),
    )


def _set_against(
    invoices: pa.Table, payments: pa.Table, cents: NDArray[np.int64], money: NDArray[np.int64]
) -> Allocation:
    """First the payments that name an invoice, then those of a matching code."""
    due = _days(invoices["due_on"])
    day = np.append(_days(payments["paid_on"]), _days(invoices["issued_on"]))
    number, reference = _groups(invoices, "number", payments, "reference")
    reference = np.append(reference, np.full(len(cents), -1))  # a credit note names no invoice
    named = allocate(Items(number, due, cents), Items(reference, day, money))
    open_cents = cents - _totals(named.claim, named.cents, len(cents))
    spare = np.where(_totals(named.payment, named.cents, len(money)) > 0, 0, money)
    code, code_of_payment = _groups(invoices, "match", payments, "match")
    grouped = allocate(
        Items(code, due, open_cents), Items(np.append(code_of_payment, code), day, spare)
    )
    return Allocation(*(np.append(*both) for both in zip(named, grouped, strict=True)))


def _parts(
    invoices: pa.Table,
    claim: NDArray[np.int64],
    day: NDArray[np.int32],
    part: NDArray[np.int64],
    rows: NDArray[np.bool_],
) -> pa.Table:
    whose = pa.array(claim[rows])
    return pa.table(
        {
            "invoice_id": invoices["invoice_id"].take(whose),
            "buyer_id": invoices["buyer_id"].take(whose),
            "paid_on": pa.array(day[rows]).cast(pa.date32()),
            "amount": part[rows] / 100,
        }
    )


def _totals(index: NDArray[np.int64], cents: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return np.bincount(index, cents, count).astype(np.int64)


def _groups(
    invoices: pa.Table, of_invoice: str, payments: pa.Table, of_payment: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Codes of (buyer, key) for both tables, -1 without a key."""
    keys = [
        pc.binary_join_element_wise(table["buyer_id"], table[key], "\x1f").combine_chunks()
        if key in table.column_names
        else pa.nulls(len(table), pa.string())
        for table, key in ((invoices, of_invoice), (payments, of_payment))
    ]
    coded = pa.concat_arrays(keys).dictionary_encode().indices.fill_null(-1)
    codes = coded.to_numpy().astype(np.int64)
    return codes[: len(invoices)], codes[len(invoices) :]


def _cents(amount: pa.ChunkedArray) -> NDArray[np.int64]:
    return np.rint(amount.to_numpy() * 100).astype(np.int64)


def _days(date: pa.ChunkedArray) -> NDArray[np.int32]:
    return date.cast(pa.int32()).to_numpy()
