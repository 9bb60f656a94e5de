"""The newest day in the raw tables, read from the statistics of the files alone."""

from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.tables import TABLES

LEDGER = ("invoices", "payments", "ageing", "incidents", "statements", "exposures")


def newest_day(portfolio: Path) -> date:
    """The last day on which anything became known of any buyer. FileNotFoundError where there is no
    portfolio, ValueError where nothing is dated."""
    if not (portfolio / "buyers.parquet").is_file():
        raise FileNotFoundError(
            f"no portfolio in {portfolio}: buyers.parquet is missing "
            "(make one with `encours generate` or `encours import`)"
        )
    days = []
    for name in LEDGER:
        path = portfolio / f"{name}.parquet"
        columns = {TABLES[name].event_on, TABLES[name].known_on} | (
            {"paid_on"} if name == "invoices" else set()
        )
        if path.is_file():
            days += [day for column in columns if column and (day := _greatest(path, column))]
    if not days:
        raise ValueError(f"nothing in {portfolio} is dated; say which day with --as-of")
    return max(days)


def _greatest(path: Path, column: str) -> date | None:
    """The greatest date in a column of a Parquet file; None where it has none."""
    file = pq.ParquetFile(path)
    if column not in file.schema_arrow.names:
        return None
    place = file.schema_arrow.names.index(column)
    groups = [file.metadata.row_group(i).column(place) for i in range(file.metadata.num_row_groups)]
    if all(group.statistics and group.statistics.has_min_max for group in groups):
        return max((group.statistics.max for group in groups), default=None)
    return pc.max(file.read([column])[column]).as_py()
