"""One extract into the columns of a raw table, as a section of the mapping says.

Each value is read, never guessed: a cell that holds something else refuses its row.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.ledgers.cells import Cells, translate
from features.ledgers.checks import LONGEST_VALUE, REFUSED, Problem, mask, split
from features.ledgers.date_parsing import ISO
from features.ledgers.extract import Extract, Wanted
from features.ledgers.mapping import Column, TableMapping, When
from features.ledgers.parsing import flags
from features.tables import ARROW_TYPES, TABLES
from features.tables import Column as SchemaColumn

_TOTALS = r"(?i)^(?:sous.?|sub.?|grand |general )?(?:total|totaux|solde|summe|report|à reporter)\b"


def needed_columns(section: TableMapping) -> Wanted:
    """The columns a source of `section` must have, each with its alternative names."""
    if section.unpivot is not None:
        return [(name,) for name in section.unpivot.keep]
    columns = [any_of for column in section.columns.values() for any_of in column.needed]
    rules = [*section.exclude, *(column.negative_when for column in section.columns.values())]
    if section.payments is not None:
        rules += [section.payments.when, section.payments.unless]
    return columns + [rule.columns for rule in rules if rule is not None and not rule.optional]


def convert(name: str, section: TableMapping, extract: Extract) -> tuple[pa.Table, pa.Table]:
    """The rows of raw table `name` in an extract, and the refused ones.

    The columns have their kinds but are not checked yet. Further columns say where a row stands
    (`file`, `line`), which cells a default filled (`filled NAME`), and what a ledger tells besides.
    """
    cells = Cells(extract, section.format, _numeric(name, section))
    columns = {
        "file": pa.repeat(extract.name, len(cells.rows)),
        "line": pa.array(extract.line, pa.int64()),
    }
    unread = []
    for schema in TABLES[name].columns:
        column = section.columns.get(schema.name)
        if column is None:
            columns[schema.name] = pa.nulls(len(cells.rows), ARROW_TYPES[schema.kind])
            continue
        text = cells.value(column)
        if column.default is not None:
            if text.null_count < len(text):
                columns[f"filled {schema.name}"] = text.is_null()
            text = text.fill_null(column.default)
        columns[schema.name], problems = _read(schema, column, text, cells)
        unread += problems
    if name == "invoices":
        more, problems = _ledger_columns(section, columns["amount"], cells)
        columns |= more
        unread += problems
    excluded = [_excluded(rule, cells) for rule in section.exclude]
    totals = _totals(columns[TABLES[name].event_on or TABLES[name].key[0]], cells)
    good, refused = split(name, pa.table(columns), [*excluded, totals, *unread])
    return good, pa.concat_tables([refused, _malformed(name, extract)])


def _numeric(name: str, section: TableMapping) -> list[str]:
    """The columns of a source that hold numbers."""
    numeric = {
        column.name for column in TABLES[name].columns if column.kind in ("amount", "number")
    }
    sources = [source for column, source in section.columns.items() if column in numeric]
    names = [name for source in sources for name in (*source.names, *source.debit, *source.credit)]
    return names + list(section.settled.residual if section.settled else ())


def as_written(refused: pa.Table, section: TableMapping, extracts: Sequence[Extract]) -> pa.Table:
    """The refused rows of a section's sources, with their values as they stand there."""
    file, line = refused["file"].to_numpy(), refused["line"].to_numpy()
    column, value = refused["column"].to_numpy(), refused["value"].to_numpy().copy()
    for extract in extracts:
        for name in section.columns.keys() & set(column):
            at = np.flatnonzero((column == name) & (file == extract.name))
            rows = extract.rows.take(pa.array(np.searchsorted(extract.line, line[at])))
            text = Cells(replace(extract, rows=rows), section.format).value(section.columns[name])
            value[at] = text.fill_null(pa.array(value[at], pa.string())).to_numpy(False)
    shown = pc.utf8_slice_codeunits(pa.array(value, pa.string()), 0, LONGEST_VALUE)
    return refused.set_column(refused.column_names.index("value"), "value", shown)


def _read(
    schema: SchemaColumn, column: Column, text: pa.Array, cells: Cells
) -> tuple[pa.Array, list[Problem]]:
    """A column of text as its kind, with the rows that cannot be read."""
    if schema.kind == "date":
        days = cells.dates(text)
        return days, [_unread_date(schema.name, text, days, cells)]
    if schema.kind == "flag":
        truth = flags(text)
        return truth, [_unread(schema.name, text, truth, "not yes or no", "write yes or no")]
    if schema.kind not in ("amount", "number"):
        upper = schema.name in ("currency", "country")
        return (pc.utf8_upper(text) if upper else text), []
    if column.debit or column.credit:
        debit, credit = cells.column(column.debit), cells.column(column.credit)
        size, problems = _difference(schema, debit, credit, cells)
    else:
        size = cells.numbers(text)
        problems = [_unread_number(schema.name, text, size, cells)]
    if column.negative_when is not None:
        negative = pa.array(cells.hold(column.negative_when))
        size = pc.if_else(negative, pc.negate(pc.abs(size)), size)
    size = pc.multiply(size, column.scale)
    return (pc.divide(1.0, size) if column.inverse else size), problems


def _difference(
    schema: SchemaColumn, debit: pa.Array, credit: pa.Array, cells: Cells
) -> tuple[pa.Array, list[Problem]]:
    """Debit less credit, an empty one being nothing; null where both are empty."""
    sides = [cells.numbers(text) for text in (debit, credit)]
    problems = [
        _unread_number(schema.name, text, side, cells)
        for text, side in zip((debit, credit), sides, strict=True)
    ]
    size = pc.subtract(*(side.fill_null(0.0) for side in sides))
    some = pc.or_(debit.is_valid(), credit.is_valid())
    return pc.if_else(some, size, pa.scalar(None, pa.float64())), problems


def _unread_date(column: str, text: pa.Array, days: pa.Array, cells: Cells) -> Problem:
    formats = ", ".join((ISO, *cells.form.dates))
    remedy = f"write it as {formats}, or add its format to `dates` of the mapping"
    return _unread(column, text, days, "not a date", remedy)


def _unread_number(column: str, text: pa.Array, size: pa.Array, cells: Cells) -> Problem:
    form = cells.form
    remedy = "write it like the others of its column, or give `decimal` and `thousands` in [format]"
    if form.decimal is not None:
        remedy = f"the mapping wants {form.decimal!r} before decimals, thousands {form.thousands}"
    return _unread(column, text, size, "not a number", remedy)


def _unread(column: str, text: pa.Array, values: pa.Array, reason: str, remedy: str) -> Problem:
    unread = mask(pc.and_(text.is_valid(), values.is_null()))
    return Problem(unread, column, reason, remedy, text)


def _ledger_columns(
    section: TableMapping, amount: pa.Array, cells: Cells
) -> tuple[dict[str, pa.Array], list[Problem]]:
    """What a ledger tells of an invoice besides its columns: terms, payments, settlement."""
    more: dict[str, pa.Array] = {}
    problems = []
    if (terms := section.terms) is not None:
        text = translate(cells.column(terms.columns, terms.nulls), terms.codes)
        more["terms"] = text if terms.default is None else text.fill_null(terms.default)
        base = cells.column(terms.base)
        more["terms_from"] = cells.dates(base)
        problems.append(_unread_date("terms.base", base, more["terms_from"], cells))
    if (lines := section.payments) is not None:
        paid = cells.hold(lines.when)
        if lines.credits:
            paid |= mask(pc.less(amount, 0)) & ~cells.hold(lines.unless)
        more["is_payment"] = pa.array(paid)
        more["match"] = cells.column(lines.match)
        more["reference"] = cells.value(lines.reference or Column(default=""))
    if (settled := section.settled) is not None:
        more["is_settled"] = pa.array(cells.hold(settled.when))
        residual = cells.column(settled.residual)
        more["residual"] = cells.numbers(residual)
        problems.append(_unread_number("settled.residual", residual, more["residual"], cells))
    return more, problems


def _excluded(rule: When, cells: Cells) -> Problem:
    reason = f"excluded by the mapping ({rule.columns[0]})"
    text = cells.column(rule.columns)
    remedy = "nothing to do, or change `exclude` in the mapping"
    return Problem(cells.hold(rule), rule.columns[0], reason, remedy, text)


def _totals(event: pa.Array, cells: Cells) -> Problem:
    """The rows without an event that call themselves a total."""
    suspects = np.flatnonzero(event.is_null())
    said = pa.nulls(len(suspects), pa.string())
    for column in cells.rows.columns if len(suspects) else ():
        texts = pc.utf8_trim_whitespace(column.combine_chunks().take(pa.array(suspects)))
        said = pc.coalesce(said, pc.if_else(pc.match_substring_regex(texts, _TOTALS), texts, None))
    total, shown = np.zeros(len(event), bool), np.full(len(event), None, object)
    total[suspects], shown[suspects] = said.is_valid(), said
    remedy = "nothing to do: totals are not imported"
    return Problem(total, "", "a totals row", remedy, pa.array(shown, pa.string()))


def _malformed(name: str, extract: Extract) -> pa.Table:
    rows = len(extract.malformed)
    width = extract.rows.num_columns
    return pa.table(
        {
            "file": pa.repeat(extract.name, rows),
            "line": pa.array([line for line, _ in extract.malformed], pa.int64()),
            "table": pa.repeat(name, rows),
            "column": pa.nulls(rows, pa.string()),
            "value": pa.array([text[:LONGEST_VALUE] for _, text in extract.malformed], pa.string()),
            "reason": pa.repeat("wrong number of fields", rows),
            "remedy": pa.repeat(f"give {width} fields; quote values with the delimiter", rows),
        },
        schema=REFUSED,
    )
