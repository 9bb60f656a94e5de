"""What-ifs of the ledger: bills paid later or sooner, overdue ones settled, events cured."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.facts import NEVER, Facts
from features.what_if.what_if import raw, with_columns, with_table

YEAR = 365  # the days over which payment is judged, `dbt_12m`


def shift_payments(facts: Facts, as_of: int, days: int) -> Facts:
    """Payments known on `as_of` of invoices due in the year before it, `days` later.

    Negative `days` bring late payments forward, at most to the due date: who pays on time pays no
    faster. Part payments move with their invoice; one moved beyond `as_of` was not made by then.
    """
    if not days:
        return facts
    invoices, payments = facts["invoices"], facts["payments"]
    due = np.maximum(invoices["due_on"], invoices["issued_on"])
    changed = with_columns(
        facts, "invoices", paid_on=_dates(_shifted(invoices["paid_on"], due, as_of, days))
    )
    if not len(payments):
        return changed
    invoice = pc.index_in(
        payments.arrow["invoice_id"], value_set=invoices.arrow["invoice_id"]
    ).fill_null(-1)
    due = np.append(due, NEVER)[invoice.to_numpy()]  # of an unknown invoice: never due
    return with_columns(
        changed, "payments", paid_on=_dates(_shifted(payments["paid_on"], due, as_of, days))
    )


def overdue_rows(facts: Facts, as_of: int) -> NDArray[np.int64]:
    """Rows of the invoices open, past due and undisputed on `as_of`, the one due first first."""
    book = facts.receivables
    overdue = (
        (book.issued <= as_of)
        & (book.due < as_of)
        & (book.settled > as_of)
        & (book.disputed > as_of)
        & (book.amount > 0)
    )
    rows = np.flatnonzero(overdue)
    return rows[np.argsort(book.due[rows], kind="stable")]


def settle_overdue(facts: Facts, as_of: int, invoices: int) -> Facts:
    """The overdue invoices due first, so many of them, paid on `as_of`."""
    paid = facts["invoices"]["paid_on"].copy()
    paid[overdue_rows(facts, as_of)[:invoices]] = as_of
    return with_columns(facts, "invoices", paid_on=_dates(paid))


def cure(facts: Facts, as_of: int) -> Facts:
    """Every buyer's events reported cured on `as_of`."""
    day = pa.repeat(pa.scalar(as_of, pa.int32()).cast(pa.date32()), len(facts.buyers))
    cures = pa.table(
        {
            "buyer_id": facts.buyers,
            "event_date": day,
            "known_on": day,
            "kind": pa.repeat("cure", len(facts.buyers)),
        }
    )
    events = pa.concat_tables([raw(facts, "incidents"), cures], promote_options="default")
    return with_table(facts, "incidents", events)


def _shifted(
    paid: NDArray[np.int32], due: NDArray[np.int32], as_of: int, days: int
) -> NDArray[np.int32]:
    judged = (due > as_of - YEAR) & (due < NEVER) & (paid <= as_of)
    moved = np.where(judged, paid, 0) + np.int32(days)
    if days < 0:
        moved = np.minimum(paid, np.maximum(moved, due))
    return np.where(judged, moved, paid)


def _dates(days: NDArray[np.int32]) -> pa.Array:
    return pa.array(days.astype(np.int32), mask=days == NEVER).cast(pa.date32())
