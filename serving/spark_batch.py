"""A whole portfolio scored on Spark: the rows of `score_portfolio`, to the last bit."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from features.facts import Facts
from features.spark import map_partitions, session
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

    def scores(tables: Tables) -> Iterator[pa.Table]:
        yield score_table(model, Facts.of(tables, model.policy.currency), as_of_date)

    return map_partitions(spark or session(), portfolio, scores, SCHEMA, out)
