"""What was known of a buyer, as the archive keeps it: rows of the raw tables in compressed JSON.

A decision names the snapshot it was made from, so that it can be replayed when the tables have
long been replaced. Equal facts have equal snapshots, and are kept once.
"""

import zlib
from collections.abc import Mapping
from typing import Any

import orjson
import pyarrow as pa

from features.facts import Facts
from features.tables import TABLES, Table, Tables
from features.what_if.what_if import raw


def own_tables(facts: Facts, code: int) -> Tables:
    """The rows of one buyer, table by table; tables without any are left out."""
    tables = {}
    for name, table in TABLES.items():
        if table.of_buyer:
            first, last = facts[name].start[code : code + 2].tolist()
            if last > first:
                tables[name] = raw(facts, name, slice(first, last))
    return tables


def shared_tables(facts: Facts) -> Tables:
    """The tables that belong to no buyer."""
    return {
        name: raw(facts, name)
        for name, table in TABLES.items()
        if not table.of_buyer and len(facts[name])
    }


def pack(tables: Tables) -> bytes:
    """Tables as the archive keeps them: columns that hold nothing are left out."""
    columns = {
        name: {
            column: values
            for column, values in table.to_pydict().items()
            if values.count(None) < len(values)
        }
        for name, table in tables.items()
    }
    return zlib.compress(orjson.dumps(columns), 1)


def unpack(content: bytes) -> Tables:
    """The tables that were packed."""
    return {
        name: _table(TABLES[name], columns)
        for name, columns in orjson.loads(zlib.decompress(content)).items()
    }


def _table(table: Table, columns: Mapping[str, list[Any]]) -> pa.Table:
    rows = len(next(iter(columns.values())))
    arrays = []
    for field in table.schema:
        values = columns.get(field.name, [None] * rows)
        kind = pa.string() if pa.types.is_date(field.type) else field.type
        arrays.append(pa.array(values, kind).cast(field.type))
    return pa.table(arrays, schema=table.schema)
