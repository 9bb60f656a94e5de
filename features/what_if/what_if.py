"""Facts as they would be, had something gone otherwise: a what-if runs through the real features.

    raw(facts, "invoices") -> a changed table -> with_table(facts, "invoices", table) -> features

Nothing else moves, and every feature that reads the changed table moves consistently.
"""

from dataclasses import replace

import pyarrow as pa

from features.facts import Facts
from features.rows import EVERY, Rows
from features.tables import TABLES


def raw(facts: Facts, name: str, part: slice = EVERY) -> pa.Table:
    """Raw table `name`, or a part of it, its rows in the order of the facts."""
    rows, schema = facts[name], TABLES[name].schema
    return pa.table([rows.raw(column, part) for column in schema.names], schema=schema)


def with_table(facts: Facts, name: str, table: pa.Table) -> Facts:
    """The facts with another raw table `name`; ValueError where it names an unknown buyer."""
    return replace(
        facts, tables={**facts.tables, name: Rows.of(name, table.combine_chunks(), facts.buyers)}
    )


def with_columns(facts: Facts, name: str, **columns: pa.Array) -> Facts:
    """The facts with other columns in raw table `name`, one value a row."""
    table = raw(facts, name)
    for column, values in columns.items():
        table = table.set_column(
            table.column_names.index(column), column, values.cast(table.schema.field(column).type)
        )
    return with_table(facts, name, table)


def alone(facts: Facts, buyer: int) -> Facts:
    """The facts about one buyer, who gets code 0, and the shared tables."""
    buyers = facts.buyers[buyer : buyer + 1]
    tables = dict(facts.tables)
    for name, rows in facts.tables.items():
        if TABLES[name].of_buyer:
            first, last = rows.start[buyer : buyer + 2].tolist()
            own = raw(facts, name, slice(first, last)) if last > first else None
            tables[name] = Rows.none(name, 1) if own is None else Rows.of(name, own, buyers)
    return Facts(buyers, tables, facts.currency)
