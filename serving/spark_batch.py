"""A whole portfolio scored on Spark: the rows of `score_portfolio`, to the last bit."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from features.facts import Facts
from features.spark import grouped_on_spark, map_partitions, session
from features.standing import used_by_others
from features.tables import Tables
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
    """Score every buyer of a portfolio on one day, as Parquet files in a new folder `out`.

    Returns the number of buyers. Errors are those of `map_partitions`.
    """
    spark = spark or session()
    currency = model.policy.currency
    groups = used_by_others([Facts.of(grouped_on_spark(spark, portfolio), currency)], as_of_date)

    def scores(tables: Tables) -> Iterator[pa.Table]:
        yield score_table(model, Facts.of(tables, currency), as_of_date, groups)

    return map_partitions(spark, portfolio, scores, SCHEMA, out)
