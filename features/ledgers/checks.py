"""Checks of a raw table, row by row but a whole column at a time: good rows and refused ones.

What each table accepts, where ledgers are dirty:

- a required value is there; numbers are finite; invoices and other claims stay within 1e10 of
  their currency, accounts within 1e15; dates lie in 1900-2100, and what has happened not after
  `as_of` (due dates, ends of validity and publications may);
- currencies and countries are ISO codes, kinds are those of the schema;
- an amount of zero is refused, it says nothing; a negative invoice is a credit note;
- an invoice due before its issue is refused, a credit note is not; one paid before its issue is a
  prepayment and stays.

What no row shows alone, a repeated one, is `features.ledgers.duplicates`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.incidents import KINDS as INCIDENTS
from features.ledgers.iso_codes import COUNTRIES, CURRENCIES
from features.tables import TABLES, Column, Entity, conform

REFUSED = pa.schema(
    [
        pa.field("file", pa.string()),
        pa.field("line", pa.int64()),
        pa.field("table", pa.string()),
        pa.field("column", pa.string()),
        pa.field("value", pa.string()),
        pa.field("reason", pa.string()),
        pa.field("remedy", pa.string()),
    ]
)
LARGEST_CLAIM = 1e10
LARGEST_ACCOUNT = 1e15
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)
# Columns that may lie after today: promises, and knowledge dates that follow from a lag.
_MAY_COME = ("due_on", "valid_until", "available_at", "known_on")
LONGEST_VALUE = 200


@dataclass(frozen=True)
class Problem:
    """The `rows` of a frame that break one rule on `column`; `value` is what to show of them."""

    rows: NDArray[np.bool_]
    column: str
    reason: str
    remedy: str | pa.Array
    value: pa.Array | None = None


def check(name: str, frame: pa.Table, as_of: date | None = None) -> tuple[pa.Table, pa.Table]:
    """The good rows of raw table `name`, and the refused ones (schema REFUSED) with the reason.

    `frame` holds the table's columns and may hold `file` and `line`, where each row came from (else
    its position, from 1); further columns go through. Every row is in exactly one of the two. A
    refused row is listed once, with the first rule it breaks.

    >>> rows = pa.table({"currency": ["EUR", "EUX"], "rate": [1.0, 2.0],
    ...                  "quoted_on": [date(2024, 1, 2)] * 2})
    >>> good, refused = check("fx", rows)
    >>> good.num_rows, refused.select(["line", "column", "value", "reason"]).to_pylist()
    (1, [{'line': 2, 'column': 'currency', 'value': 'EUX', 'reason': 'unknown currency'}])
    """
    rows = conform(name, frame)
    if "line" not in frame.column_names:
        frame = frame.append_column("line", pa.array(np.arange(1, len(frame) + 1)))
    for extra in frame.column_names:
        if extra not in rows.column_names:
            rows = rows.append_column(extra, frame[extra])
    problems = [
        p
        for column in TABLES[name].columns
        for p in _column_problems(name, column, rows[column.name], as_of)
    ]
    if name in _RULES:
        problems += _RULES[name](rows)
    return split(name, rows, problems)


def split(name: str, frame: pa.Table, problems: Sequence[Problem]) -> tuple[pa.Table, pa.Table]:
    """The rows of `frame` without a problem, and the others as refused rows of table `name`."""
    taken = np.zeros(len(frame), bool)
    refused = [REFUSED.empty_table()]
    for problem in problems:
        rows = problem.rows & ~taken
        if rows.any():
            taken |= rows
            refused.append(_refused(name, frame, problem, pa.array(np.flatnonzero(rows))))
    return frame.filter(pa.array(~taken)) if taken.any() else frame, pa.concat_tables(refused)


def mask(values: pa.ChunkedArray | pa.Array) -> NDArray[np.bool_]:
    """An Arrow truth column as NumPy, null as false."""
    return np.asarray(values.fill_null(False).to_numpy(zero_copy_only=False), bool)


def _refused(name: str, frame: pa.Table, problem: Problem, at: pa.Array) -> pa.Table:
    value = problem.value
    if value is None and problem.column in frame.column_names:
        value = frame[problem.column]
    text = pa.nulls(len(at), pa.string()) if value is None else value.take(at).cast(pa.string())
    remedy = problem.remedy
    return pa.table(
        {
            "file": frame["file"].take(at).cast(pa.string())
            if "file" in frame.column_names
            else pa.nulls(len(at), pa.string()),
            "line": frame["line"].take(at),
            "table": pa.repeat(name, len(at)),
            "column": pa.repeat(problem.column, len(at)),
            "value": pc.utf8_slice_codeunits(text, 0, LONGEST_VALUE),
            "reason": pa.repeat(problem.reason, len(at)),
            "remedy": pa.repeat(remedy, len(at)) if isinstance(remedy, str) else remedy.take(at),
        },
        schema=REFUSED,
    )


def _column_problems(
    name: str, column: Column, values: pa.ChunkedArray, as_of: date | None
) -> list[Problem]:
    broken: list[tuple[pa.ChunkedArray, str, str]] = []
    if column.required:
        absent = values.is_null()
        if column.kind in ("id", "code"):
            absent = pc.or_kleene(absent, pc.equal(values, ""))
        broken.append((absent, "missing", f"give {column.name}: {column.doc}"))
    if column.kind == "date":
        outside = pc.or_(pc.less(values, FIRST_DAY), pc.greater(values, LAST_DAY))
        broken.append((outside, "date outside 1900-2100", "correct the year"))
        if as_of is not None and column.name not in _MAY_COME:
            remedy = f"correct it, or import as of a later day than {as_of}"
            broken.append((pc.greater(values, as_of), "date in the future", remedy))
    if column.kind in ("amount", "number"):
        infinite = pc.invert(pc.is_finite(values))
        broken.append((infinite, "not a finite number", "give a number"))
    if column.kind == "amount":
        most = LARGEST_ACCOUNT if name == "statements" else LARGEST_CLAIM
        remedy = "correct it; check the decimal and thousands signs of the mapping"
        broken.append((pc.greater(pc.abs(values), most), f"amount above {most:.0e}", remedy))
    if column.name in _CODES:
        codes, remedy = _CODES[column.name]
        unknown = pc.and_(values.is_valid(), pc.invert(pc.is_in(values, pa.array(sorted(codes)))))
        broken.append((unknown, f"unknown {column.name}", remedy))
    return [Problem(mask(bad), column.name, reason, remedy) for bad, reason, remedy in broken]


_CODES: Mapping[str, tuple[Collection[str], str]] = {
    "currency": (CURRENCIES, "give an ISO 4217 code such as EUR, or translate it in the mapping"),
    "country": (COUNTRIES, "give an ISO 3166-1 code such as FR, or translate it in the mapping"),
    "kind": ((*INCIDENTS, "cure"), f"one of {', '.join(INCIDENTS)}, cure"),
    "entity_type": (get_args(Entity), f"one of {', '.join(get_args(Entity))}"),
}


def _invoice_problems(rows: pa.Table) -> list[Problem]:
    backwards = pc.and_(pc.less(rows["due_on"], rows["issued_on"]), pc.greater(rows["amount"], 0))
    return [
        _zero_amount(rows),
        Problem(
            mask(backwards),
            "due_on",
            "due before its issue",
            "correct one of the dates, or leave the due date empty and give terms",
        ),
    ]


def _payment_problems(rows: pa.Table) -> list[Problem]:
    negative = mask(pc.less(rows["amount"], 0))
    remedy = "a payment is positive; enter money taken back as an incident"
    return [_zero_amount(rows), Problem(negative, "amount", "negative payment", remedy)]


def _zero_amount(rows: pa.Table) -> Problem:
    zero = mask(pc.equal(rows["amount"], 0))
    return Problem(zero, "amount", "amount of zero", "leave the line out: nothing is owed")


def _ageing_problems(rows: pa.Table) -> list[Problem]:
    positive = mask(pc.greater(rows["unallocated_credits"], 0))
    remedy = "write unallocated credits as a negative amount"
    return [Problem(positive, "unallocated_credits", "credits above zero", remedy)]


def _statement_problems(rows: pa.Table) -> list[Problem]:
    return [_outside(rows, "months", 1, 24, "the length of the accounting period in months")]


def _esg_problems(rows: pa.Table) -> list[Problem]:
    pillars = ("environment", "social", "governance")
    return [
        *(_outside(rows, pillar, 0, 100, "a rating from 0 to 100") for pillar in pillars),
        _outside(rows, "controversy", 0, 5, "a level from 0 to 5"),
    ]


def _fx_problems(rows: pa.Table) -> list[Problem]:
    bad = mask(pc.less_equal(rows["rate"], 0))
    return [Problem(bad, "rate", "rate not above zero", "give euros for one unit")]


def _outside(rows: pa.Table, column: str, low: float, high: float, what: str) -> Problem:
    bad = pc.or_(pc.less(rows[column], low), pc.greater(rows[column], high))
    return Problem(mask(bad), column, f"{column} outside {low}-{high}", f"give {what}")


_RULES: Mapping[str, Callable[[pa.Table], list[Problem]]] = {
    "invoices": _invoice_problems,
    "payments": _payment_problems,
    "ageing": _ageing_problems,
    "statements": _statement_problems,
    "esg": _esg_problems,
    "fx": _fx_problems,
}
