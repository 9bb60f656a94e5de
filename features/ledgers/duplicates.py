"""Rows that say something twice: exact duplicates, and keys used for different things.

The first of several equal rows is kept, the others are refused as duplicates. A key repeated with
other content is refused too: nobody can tell which is right. But an invoice number may well be
used by several buyers or suppliers: it is made unique with their ids.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.ledgers.checks import Problem, split
from features.tables import TABLES

# Where two rows of one key may be two facts: a number is its owner's, and two payments of one
# invoice on one day differ by their amounts.
_FACT: Mapping[str, tuple[str, ...]] = {
    "invoices": ("invoice_id", "buyer_id", "supplier_id"),
    "payments": ("invoice_id", "buyer_id", "paid_on", "amount"),
}


def refuse_duplicates(name: str, frame: pa.Table) -> tuple[pa.Table, pa.Table]:
    """The rows of raw table `name` that say something new, and the refused ones.

    >>> rows = pa.table({"currency": ["USD"] * 3, "quoted_on": ["2024-01-02"] * 3,
    ...                  "rate": [0.9, 0.9, 0.8], "line": [2, 3, 4]})
    >>> refuse_duplicates("fx", rows)[1].select(["line", "reason"]).to_pylist()
    [{'line': 3, 'reason': 'duplicate'}, {'line': 4, 'reason': 'repeated with other content'}]
    """
    fact = list(_FACT.get(name, TABLES[name].key))
    if pc.count_distinct(frame[fact[0]]).as_py() == len(frame):
        return split(name, frame, [])
    keys = frame.select(fact).to_pandas()
    repeated = np.flatnonzero(keys.duplicated(keep=False))
    rows = frame.take(pa.array(repeated)).to_pandas()
    content = [column.name for column in TABLES[name].columns]
    duplicate = np.zeros(len(frame), bool)
    duplicate[repeated] = rows.duplicated(content)
    again = np.zeros(len(frame), bool)
    again[repeated] = rows.duplicated(fact)
    places = "line " + rows["line"].astype(str)
    if "file" in rows:
        places += " of " + rows["file"]
    first = places.groupby([rows[name] for name in fact], dropna=False).transform("first")
    remedies = np.full(len(frame), None, object)
    remedies[repeated] = "remove it; the first is on " + first
    distinct = np.full(len(frame), None, object)
    distinct[repeated] = "correct one of the two; the first is on " + first
    return split(
        name,
        frame,
        [
            Problem(duplicate, fact[0], "duplicate", pa.array(remedies, pa.string())),
            Problem(again, fact[0], "repeated with other content", pa.array(distinct, pa.string())),
        ],
    )


def number_by_owner(invoices: pa.Table) -> tuple[pa.Table, NDArray[np.bool_]]:
    """The invoices with numbers used by several owners made unique, and which those are.

    >>> number_by_owner(pa.table({"invoice_id": ["F1", "F1", "F2"], "buyer_id": ["A", "B", "A"],
    ...     "supplier_id": pa.nulls(3, pa.string())}))[0]["invoice_id"].to_pylist()
    ['F1/A', 'F1/B', 'F2']
    """
    numbers = invoices["invoice_id"].combine_chunks()
    coded = numbers.dictionary_encode()
    times = np.bincount(coded.indices.to_numpy(), minlength=len(coded.dictionary))
    shared = times[coded.indices.to_numpy()] > 1
    if not shared.any():
        return invoices, shared
    owned = pc.binary_join_element_wise(
        numbers, invoices["buyer_id"], invoices["supplier_id"], "/", null_handling="skip"
    )
    at = invoices.column_names.index("invoice_id")
    unique = pc.if_else(pa.array(shared), owned, numbers)
    return invoices.set_column(at, "invoice_id", unique), shared
