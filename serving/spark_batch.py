"""A whole portfolio scored on Spark: the rows of `score_portfolio`, to the last bit."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as sf

from features.facts import Facts
from features.spark import Frames, check_empty, map_partitions, raw_tables, session, write_rows
from features.standing import READ, USES, uses
from features.tables import TABLES, Tables
from models.credit_model import CreditModel
from serving.batch import SCHEMA, score_table


def score_portfolio_spark(
    model: CreditModel,
    portfolio: Path | str,
    as_of_date: date,
    out: Path | str,
    *,
    spark: SparkSession | None = None,
) -> int:
    """Score every legal entity of a portfolio on one day, as Parquet files in a new folder `out`.

    Returns the number of buyers. Errors are those of `raw_tables` and `write_rows`.
    """
    spark = spark or session()
    check_empty(spark, out)
    frames = raw_tables(spark, portfolio)
    currency = model.policy.currency

    def scores(tables: Tables) -> Iterator[pa.Table]:
        told = tables.pop("group_use").to_pydict()
        groups = dict(zip(told["buyer_id"], told["used"], strict=True))
        yield score_table(model, Facts.of(tables, currency), as_of_date, groups)

    used = _uses_of_groups(frames, currency, as_of_date)
    return write_rows(map_partitions(frames | {"group_use": used}, scores, SCHEMA), out)


def _uses_of_groups(frames: Frames, currency: str, as_of_date: date) -> DataFrame:
    """What the other companies of each buyer's group use, a row a buyer that belongs to one:
    `used_by_others`, without passing through the driver."""
    members = frames["buyers"].where(sf.col("group_id").isNotNull()).select("buyer_id")
    read = {
        name: frame.join(members, "buyer_id", "semi") if TABLES[name].of_buyer else frame
        for name, frame in frames.items()
        if name in READ
    }

    def used(tables: Tables) -> Iterator[pa.Table]:
        yield uses(Facts.of(tables, currency), as_of_date)

    found = map_partitions(read, used, USES)
    total = sf.sum("cents").over(Window.partitionBy("group_id"))
    others = ((total - sf.col("cents")) / 100).alias("used")
    return found.select("buyer_id", others, sf.lit(0).alias("row_index"))
