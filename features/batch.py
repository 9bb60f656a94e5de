"""Features of a whole portfolio as files, partition by partition, in the memory of one."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from features.build import feature_schema, feature_table
from features.facts import Facts
from features.partitions import BUYERS_A_PARTITION, count_partitions, partitions
from features.progress import watched


def build_partitions(
    portfolio: Path,
    out: Path,
    *,
    as_of_dates: Sequence[date],
    currency: str = "EUR",
    buyers_a_partition: int = BUYERS_A_PARTITION,
) -> int:
    """Features of every buyer in a portfolio folder on each day, as `out/part-00000.parquet` …

    One partition of buyers is in memory at a time, and one day of its features. Returns the number
    of rows written. FileExistsError where `out` holds parts already.
    """
    if any(out.glob("part-*.parquet")):
        raise FileExistsError(f"{out} holds features already; name an empty folder")
    out.mkdir(parents=True, exist_ok=True)
    total = count_partitions(portfolio, buyers_a_partition)
    parts = watched(partitions(portfolio, buyers_a_partition), "features", total)
    rows = 0
    for number, tables in enumerate(parts):
        facts = Facts.of(tables, currency)
        with pq.ParquetWriter(out / f"part-{number:05}.parquet", feature_schema()) as file:
            for as_of_date in as_of_dates:
                file.write_table(feature_table(facts, as_of_date))
        rows += len(facts.buyers) * len(as_of_dates)
    return rows
