"""Declared events as rows of `incidents`: in the service from then on, and for the next training.

The service and the training set read them through the one function `with_declared`.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pyarrow as pa

from features.tables import TABLES, Tables
from serving.declarations.known import Declared

INCIDENTS = TABLES["incidents"]


def with_declared(tables: Tables, events: Mapping[str, Sequence[Declared]]) -> Tables:
    """`tables` with the declared `events` of each buyer among the incidents.

    One event counts once, by buyer, day and kind: as the table has it, else as declared first.
    """
    schema = INCIDENTS.schema
    incidents = tables.get(INCIDENTS.name, schema.empty_table())
    keys = zip(*(incidents[column].to_pylist() for column in INCIDENTS.key), strict=True)
    there: set[Any] = set(keys)
    rows = []
    for row in (_row(buyer, event) for buyer, declared in events.items() for event in declared):
        key = tuple(row[column] for column in INCIDENTS.key)
        if key not in there:
            there.add(key)
            rows.append(row)
    if not rows:
        return tables
    merged = pa.concat_tables([incidents, pa.Table.from_pylist(rows, schema=schema)])
    return {**tables, INCIDENTS.name: merged.sort_by(INCIDENTS.key[0]).combine_chunks()}


def _row(buyer_id: str, event: Declared) -> dict[str, Any]:
    days = {name: date.fromisoformat(getattr(event, name)) for name in ("event_date", "known_on")}
    return {"buyer_id": buyer_id, **event._asdict(), **days}
