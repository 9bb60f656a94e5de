"""One buyer's raw facts, as a request gives them, as the arrays that features come from."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pyarrow as pa

from features.facts import Facts
from features.tables import TABLES
from serving.problems import FieldError, Problem
from serving.raw_facts import RawFacts


def facts_of(raw: RawFacts, context: Facts) -> Facts:
    """Facts of the one buyer in `raw`, with the shared tables of `context`.

    Raises Problem where an invoice id occurs twice or a payment is of no invoice given.
    """
    _check_ids(raw)
    buyer_id = raw.buyer.buyer_id
    tables = {"buyers": _table("buyers", [raw.buyer], buyer_id)}
    for name, rows in raw:
        if name in TABLES and rows:
            tables[name] = _table(name, rows, buyer_id)
    facts = Facts.of(tables, context.currency)
    shared = {name: context[name] for name, table in TABLES.items() if not table.of_buyer}
    return replace(facts, tables={**facts.tables, **shared})


def _table(name: str, rows: Iterable[Any], buyer_id: str) -> pa.Table:
    """Rows in the order of the table's key, as they stand at rest."""
    values = [{**row.__dict__, "buyer_id": buyer_id} for row in rows]
    structs = pa.array(values, pa.struct(TABLES[name].schema))  # in one go, not column by column
    return pa.Table.from_batches([pa.RecordBatch.from_struct_array(structs)])


def _check_ids(raw: RawFacts) -> None:
    seen: set[str] = set()
    errors = []
    for place, invoice in enumerate(raw.invoices):
        if invoice.invoice_id in seen:
            remedy = "occurs twice; send each invoice once"
            errors.append(
                FieldError(f"facts.invoices.{place}.invoice_id", invoice.invoice_id, remedy)
            )
        seen.add(invoice.invoice_id)
    for place, payment in enumerate(raw.payments):
        if payment.invoice_id not in seen:
            remedy = "is no invoice of this request; send the invoice as well"
            errors.append(
                FieldError(f"facts.payments.{place}.invoice_id", payment.invoice_id, remedy)
            )
    if errors:
        raise Problem("invalid-request", f"{errors[0].field}: {errors[0].remedy}", errors)
