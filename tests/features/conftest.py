"""Features of one buyer whose facts a test writes by hand."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from features.build import feature_matrix
from features.catalog import NAMES
from features.facts import Facts, Keys
from features.tables import TABLES

Row = dict[str, object]
Features = Callable[..., dict[str, float]]


def table(name: str, rows: list[Row]) -> pa.Table:
    """Rows of a raw table; dates as ISO text, the buyer "B" unless a row says otherwise."""
    kinds = {column.name: column.kind for column in TABLES[name].columns}
    written = [
        {
            column: date.fromisoformat(str(value)) if kinds[column] == "date" and value else value
            for column, value in ({"buyer_id": "B"} | row if "buyer_id" in kinds else row).items()
        }
        for row in rows
    ]
    schema = TABLES[name].schema
    used = [field for field in schema if any(field.name in row for row in written)]
    return pa.Table.from_pylist(written, pa.schema(used))


@pytest.fixture(scope="session")
def features_of() -> Features:
    """features_of(as_of, statements=[{…}], …) -> every feature of buyer B by name."""

    def features(as_of: str, currency: str = "EUR", **tables: list[Row]) -> dict[str, float]:
        tables = {"buyers": [{"country": "FR"}]} | tables
        facts = Facts.of({name: table(name, rows) for name, rows in tables.items()}, currency)
        day = np.array([as_of], "datetime64[D]").astype(np.int32)
        matrix = feature_matrix(facts, Keys(np.zeros(1, np.int64), day))
        return dict(zip(NAMES, matrix[0].tolist(), strict=True))

    return features


@pytest.fixture(scope="session")
def of_accounts(features_of: Features) -> Features:
    """of_accounts({"equity": 1.0}, {…}) -> features of accounts closed in 2023, 2022, …, in euros,
    looked at on 2024-12-31."""

    def features(*years: Row) -> dict[str, float]:
        rows = [
            {"closing_date": f"{2023 - back}-12-31", "available_at": f"{2024 - back}-07-31"} | year
            for back, year in enumerate(years)
        ]
        return features_of("2024-12-31", statements=rows)

    return features
