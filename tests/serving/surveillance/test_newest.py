from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from serving.portfolio import Portfolio
from serving.surveillance.newest import newest_day


def test_the_newest_day_is_the_one_the_loaded_tables_know(
    tables: Path, portfolio: Portfolio, tmp_path: Path
) -> None:
    assert newest_day(tables) == portfolio.last_known_day
    for name in ("buyers", "invoices"):
        table = pq.read_table(tables / f"{name}.parquet")
        pq.write_table(table, tmp_path / f"{name}.parquet", write_statistics=False)
    assert newest_day(tmp_path) <= newest_day(tables)
    assert newest_day(tmp_path) > date(2025, 12, 1)


def test_no_portfolio_or_no_date_says_what_to_do(tables: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="encours generate"):
        newest_day(tmp_path)
    pq.write_table(pq.read_table(tables / "buyers.parquet"), tmp_path / "buyers.parquet")
    with pytest.raises(ValueError, match="--as-of"):
        newest_day(tmp_path)
