"""Declared events stand among the incidents, each once."""

import pyarrow as pa

from features.facts import Facts
from features.tables import TABLES
from serving.declarations.incidents import with_declared
from serving.declarations.known import Declared

SCHEMA = TABLES["incidents"].schema
BUYERS = pa.table({"buyer_id": ["A", "B"], "country": ["FR", "FR"]})
CLAIM = Declared("2025-03-01", "2025-03-20", "claim", 1000.0, "EUR", False)
OVERDUE = CLAIM._replace(kind="overdue_declared", amount=250.5, disputed=True)


def test_events_become_rows_of_their_buyer() -> None:
    tables = with_declared({"buyers": BUYERS}, {"B": [CLAIM, OVERDUE], "A": [OVERDUE]})
    rows = tables["incidents"].to_pylist()
    assert [row["buyer_id"] for row in rows] == ["A", "B", "B"]
    assert [str(row["known_on"]) for row in rows] == ["2025-03-20"] * 3
    assert (rows[2]["amount"], rows[2]["disputed"]) == (250.5, True)
    assert tables["incidents"].schema == SCHEMA
    assert len(Facts.of(tables)["incidents"]) == 3


def test_an_event_counts_once() -> None:
    there = [{"buyer_id": "A", "event_date": "2025-03-01", "kind": "claim", "amount": 9.0}]
    incidents = pa.Table.from_pylist(there).cast(
        pa.schema([SCHEMA.field(name) for name in there[0]])
    )
    incidents = pa.Table.from_pylist(incidents.to_pylist(), schema=SCHEMA)
    tables = {"buyers": BUYERS, "incidents": incidents}
    assert with_declared(tables, {"A": [CLAIM]}) is tables
    merged = with_declared(tables, {"A": [CLAIM, OVERDUE, OVERDUE._replace(amount=7.0)]})
    assert merged["incidents"]["amount"].to_pylist() == [9.0, 250.5]


def test_nothing_declared_changes_nothing() -> None:
    tables = {"buyers": BUYERS}
    assert with_declared(tables, {}) is tables
