"""New accounts as files that people have, and what is said of those that cannot be read."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.problems import Problem
from serving.workbench.accounts_file import LARGEST, read_accounts

ROWS = "Closing date;Revenue;Equity;Remark\n2024-12-31;1200;300;ok\n2025-12-31;1500;;\n"
EXPECTED = [
    {"closing_date": "2024-12-31", "revenue": "1200", "equity": "300"},
    {"closing_date": "2025-12-31", "revenue": "1500"},
]


def test_a_csv_file_gives_its_years() -> None:
    assert read_accounts("accounts.csv", ROWS.encode()) == EXPECTED


def test_a_parquet_file_gives_its_years(tmp_path: Path) -> None:
    table = pa.table(
        {
            "closing_date": pa.array([date(2024, 12, 31), date(2025, 12, 31)]),
            "revenue": [1200.0, 1500.0],
            "equity": [300.0, None],
        }
    )
    pq.write_table(table, path := tmp_path / "accounts.parquet")
    years = read_accounts(path.name, path.read_bytes())
    assert [float(year["revenue"]) for year in years] == [1200, 1500]
    assert "equity" not in years[1]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"year;sales\n2024;1\n", "closing_date"),
        (b"", "accounts.csv"),
        (b"closing_date;equity\n" + b"2024-12-31;1\n" * 9, "one to 5 years"),
        (b"x" * (LARGEST + 1), "at most 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(content: bytes, told: str) -> None:
    with pytest.raises(Problem, match=told) as raised:
        read_accounts("../accounts.csv", content)
    assert "/tmp" not in raised.value.detail
