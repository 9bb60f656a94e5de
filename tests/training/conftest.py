"""Small portfolios, written by hand in the tests."""

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from features.facts import Facts

Row = dict[str, object]
MakeFacts = Callable[..., Facts]


@pytest.fixture(scope="session")
def make_facts() -> MakeFacts:
    """Facts of the buyers A, B, C … that the rows of each table mention, dates as ISO text."""

    def make(**tables: list[Row]) -> Facts:
        found = {name: _table(rows) for name, rows in tables.items() if rows}
        rows = [row for table in tables.values() for row in table]
        buyers = sorted({str(row["buyer_id"]) for row in rows if "buyer_id" in row})
        found["buyers"] = pa.table({"buyer_id": buyers, "country": ["FR"] * len(buyers)})
        return Facts.of(found)

    return make


def _table(rows: list[Row]) -> pa.Table:
    dates = [name for row in rows for name in row if name.endswith(("_on", "_date", "_at"))]
    return pa.Table.from_pylist(
        [
            {
                name: date.fromisoformat(str(value)) if name in dates and value else value
                for name, value in row.items()
            }
            for row in rows
        ]
    )
