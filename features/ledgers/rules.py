"""What a ledger leaves open, filled in by rule: due dates, buyers of payments, days of payment."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.ledgers.checks import Problem, mask, split
from features.ledgers.mapping import Settled
from features.ledgers.terms import due_dates, parse_terms

CENT = 0.005  # less than this is nothing


def fill(frame: pa.Table, name: str, rows: NDArray[np.bool_], values: pa.Array) -> pa.Table:
    """`frame` with `values` in column `name` on `rows`, and these marked in `filled NAME`."""
    marked = f"filled {name}"
    before = mask(frame[marked]) if marked in frame.column_names else np.zeros(len(frame), bool)
    at = frame.column_names.index(name)
    frame = frame.set_column(at, name, pc.if_else(pa.array(rows), values, frame[name]))
    if marked in frame.column_names:
        frame = frame.drop_columns([marked])
    return frame.append_column(marked, pa.array(before | rows))


def fill_due_dates(invoices: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Invoices with due dates by their terms where they had none; those whose terms mean nothing
    are refused. A credit note without terms is due when issued."""
    empty = invoices["due_on"].is_null().to_numpy()
    if "terms" in invoices.column_names:
        terms = invoices["terms"].combine_chunks()
        coded = terms.dictionary_encode()
        unknown = [parse_terms(text) is None for text in coded.dictionary.to_pylist()]
        strange = mask(pa.array(unknown, pa.bool_()).take(coded.indices)) & empty
        remedy = "translate it in [invoices.terms.codes], as in '45 days end of month'"
        problem = Problem(strange, "terms", "unknown payment terms", remedy, terms)
        invoices, refused = split("invoices", invoices, [problem])
        empty = invoices["due_on"].is_null().to_numpy()
        base = pc.coalesce(invoices["terms_from"], invoices["issued_on"])
        due = pa.array(due_dates(_days(base), invoices["terms"].combine_chunks()))
        invoices = fill(invoices, "due_on", empty & due.is_valid().to_numpy(False), due)
    else:
        _, refused = split("invoices", invoices, [])
    empty = invoices["due_on"].is_null().to_numpy()
    at_once = empty & mask(pc.less(invoices["amount"], 0)) & mask(invoices["issued_on"].is_valid())
    return fill(invoices, "due_on", at_once, invoices["issued_on"]), refused


def fill_publication(statements: pa.Table, lag_days: int | None) -> pa.Table:
    """Statements available `lag_days` after closing where nobody says when."""
    if lag_days is None:
        return statements
    lag = pa.scalar(lag_days, pa.int32())
    lagged = pc.add(statements["closing_date"].cast(pa.int32()), lag).cast(pa.date32())
    rows = mask(pc.and_(statements["available_at"].is_null(), lagged.is_valid()))
    return fill(statements, "available_at", rows, lagged)


def fill_buyers(payments: pa.Table, invoices: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Payments with the buyer of the invoice whose number they give, where only one buyer has it;
    those that stay without are refused."""
    numbers = invoices["number"].combine_chunks().dictionary_encode()
    times = np.bincount(numbers.indices.to_numpy(), minlength=len(numbers.dictionary))
    alone = invoices.filter(pa.array(times[numbers.indices.to_numpy()] == 1))
    found = pc.index_in(payments["invoice_id"], alone["number"].combine_chunks())
    buyer = alone["buyer_id"].take(found)
    rows = mask(pc.and_(payments["buyer_id"].is_null(), buyer.is_valid()))
    payments = fill(payments, "buyer_id", rows, buyer)
    nobody = mask(pc.and_(payments["buyer_id"].is_null(), payments["invoice_id"].is_valid()))
    return split("payments", payments, [of_no_invoice(nobody)])


def of_no_invoice(rows: NDArray[np.bool_]) -> Problem:
    """These payments pay none of the invoices."""
    remedy = "import its invoice too; both need the same buyer and number or matching code"
    return Problem(rows, "invoice_id", "payment of no invoice", remedy)


def split_payment_lines(ledger: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The invoices of a ledger, and its payment lines as a table of payments. A line goes by its
    own number here; `reference` and `match` say what it pays."""
    paying = ledger["is_payment"]
    lines = ledger.filter(paying)
    number = pc.coalesce(lines["invoice_id"], lines["reference"], lines["match"], "")
    payments = pa.table(
        {
            "file": lines["file"],
            "line": lines["line"],
            "invoice_id": number,
            "buyer_id": lines["buyer_id"],
            "paid_on": lines["issued_on"],
            "amount": pc.negate(lines["amount"]),
            "reference": lines["reference"],
            "match": lines["match"],
        }
    )
    return ledger.filter(pc.invert(paying)), payments


def part_payments(invoices: pa.Table, known: pa.Table, extract: date) -> pa.Table:
    """Part payments that only the open residual tells, beyond those `known`: on the day of the
    extract, for when they came nobody says."""
    at = pc.index_in(known["invoice_id"], invoices["invoice_id"].combine_chunks())
    row = at.fill_null(len(invoices)).to_numpy()
    received = np.bincount(row, known["amount"].to_numpy(), len(invoices) + 1)[:-1]
    paid = pc.subtract(pc.subtract(invoices["amount"], pc.abs(invoices["residual"])), received)
    open_ = pc.and_(
        invoices["paid_on"].is_null(), pc.greater_equal(pc.abs(invoices["residual"]), CENT)
    )
    found = pc.and_(open_, pc.greater_equal(paid, CENT))
    rows = invoices.filter(found)
    return pa.table(
        {
            "invoice_id": rows["invoice_id"],
            "buyer_id": rows["buyer_id"],
            "paid_on": pa.repeat(extract, len(rows)),
            "amount": paid.filter(found),
            "filled paid_on": pa.repeat(True, len(rows)),
        }
    )


def settle_by_state(
    invoices: pa.Table, settled: Settled, extract: date
) -> tuple[pa.Table, pa.Table]:
    """Invoices the ledger calls paid without saying when: paid on their due date (by the day of the
    extract at the latest) where the mapping accepts that, else refused."""
    nothing_open = pc.less(pc.abs(invoices["residual"]), CENT)
    paid = mask(
        pc.and_(invoices["paid_on"].is_null(), pc.or_kleene(invoices["is_settled"], nothing_open))
    )
    if settled.without_date == "due_on":
        day = pc.min_element_wise(invoices["due_on"], pa.scalar(extract))
        return fill(invoices, "paid_on", paid, day), split("invoices", invoices, [])[1]
    remedy = 'export payment dates, or set settled.without_date = "due_on" in the mapping'
    problem = Problem(paid, "paid_on", "paid on an unknown day", remedy)
    return split("invoices", invoices, [problem])


def day_of_extract(invoices: pa.Table, payments: Iterable[pa.Table]) -> date:
    """The last day that occurs in a ledger."""
    days = [invoices["issued_on"], invoices["paid_on"], *(p["paid_on"] for p in payments)]
    return max(day for column in days if (day := pc.max(column).as_py()) is not None)


def _days(date: pa.ChunkedArray) -> NDArray[np.datetime64]:
    return date.to_numpy().astype("datetime64[D]")
