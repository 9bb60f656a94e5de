"""What was known of a buyer, as the archive keeps it: rows of the raw tables in compressed JSON.

A decision names the snapshot it was made from, so that it can be replayed when the tables have
long been replaced. Equal facts have equal snapshots, and are kept once.
"""

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
import pyarrow as pa

from features.facts import Facts
from features.tables import TABLES, Table, Tables
from features.what_if.what_if import raw


def own_tables(facts: Facts, code: int) -> Tables:
    """The rows of one buyer, table by table; tables without any are left out."""
    return {name: raw(facts, name, part) for name, part in _own(facts, code)}


def pack_own(facts: Facts, code: int) -> bytes:
    """`own_tables` as the archive keeps them, without the detour by Arrow."""
    return _packed(
        {
            name: {column: facts[name].values(column, part) for column in TABLES[name].kinds}
            for name, part in _own(facts, code)
        }
    )


def _own(facts: Facts, code: int) -> Iterator[tuple[str, slice]]:
    """The tables that have rows of one buyer, and which."""
    for name, table in TABLES.items():
        if table.of_buyer:
            first, last = facts[name].start[code : code + 2].tolist()
            if last > first:
                yield name, slice(first, last)


def shared_tables(facts: Facts) -> Tables:
    """The tables that belong to no buyer."""
    return {
        name: raw(facts, name)
        for name, table in TABLES.items()
        if not table.of_buyer and len(facts[name])
    }


def pack(tables: Tables) -> bytes:
    """Tables as the archive keeps them: columns that hold nothing are left out."""
    return _packed({name: table.to_pydict() for name, table in tables.items()})


def _packed(tables: Mapping[str, Mapping[str, list[Any]]]) -> bytes:
    said = {
        name: {
            column: values for column, values in columns.items() if values.count(None) < len(values)
        }
        for name, columns in tables.items()
    }
    return zlib.compress(orjson.dumps(said), 1)


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
