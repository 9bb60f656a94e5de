"""Spark: the functions of one machine, partition by partition on many.

Executors read the raw tables as Parquet; one shuffle brings all rows of a buyer, of every table,
to one place; there a Python worker holds the raw tables of some thousand buyers, in the order of
the files, and calls what the local engine calls. So results are equal to the last bit. Only
shared tables (fx, country_risk, sector_risk) pass through the driver.

Without more, Spark runs inside this machine. On a cluster whose nodes have the libraries of
`requirements.lock`, send our modules along; paths are those of its default file system:

    git archive --output encours.zip HEAD
    spark-submit --master yarn --py-files encours.zip encours.py features build /data/portfolio \\
        --from 2015-12-31 --to 2025-12-31 --out /data/features --engine spark
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from functools import partial, reduce
from math import ceil
from pathlib import Path

import pyarrow as pa
from pyspark.errors import AnalysisException, PythonException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.pandas.types import from_arrow_schema

from features.build import feature_schema, feature_table
from features.facts import Facts
from features.partitions import BUYERS_A_PARTITION
from features.tables import TABLES, Tables, conform

Compute = Callable[[Tables], Iterable[pa.Table]]

NOTHING_THERE = {"PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"}  # no path, or an empty folder
ROWS_A_BATCH = 10_000  # of results on their way from Python to Spark
LOCAL = {
    "spark.master": "local[*]",
    "spark.log.level": "FATAL",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": str(sys.stderr.isatty()).lower(),
}


def session() -> SparkSession:
    """The session of `spark-submit`, or one inside this machine, which nobody else can reach."""
    options = " ".join(f"--conf {key}={value}" for key, value in LOCAL.items())
    # Read only by a Spark that Python starts; `spark-submit` has started its own.
    os.environ.setdefault("PYSPARK_SUBMIT_ARGS", f"{options} pyspark-shell")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return SparkSession.builder.appName("encours").getOrCreate()


def build_features_spark(
    portfolio: Path | str,
    out: Path | str,
    *,
    as_of_dates: Sequence[date],
    currency: str = "EUR",
    spark: SparkSession | None = None,
) -> int:
    """`build_partitions` on Spark: features of every buyer on each day, as Parquet files in `out`.

    Returns the number of rows written, which stand in no certain order. Errors are those of
    `map_partitions`.
    """

    def features(tables: Tables) -> Iterator[pa.Table]:
        facts = Facts.of(tables, currency)
        return (feature_table(facts, as_of_date) for as_of_date in as_of_dates)

    return map_partitions(spark or session(), portfolio, features, feature_schema(), out)


def map_partitions(
    spark: SparkSession, portfolio: Path | str, compute: Compute, schema: pa.Schema, out: Path | str
) -> int:
    """Write the rows of `schema` that `compute` gives of each partition's raw tables into `out`.

    `compute` runs on the executors and sees all rows of its buyers. `out` is filled when all is
    done. Returns the number of rows written. FileNotFoundError where there is no portfolio,
    FileExistsError where `out` holds rows already; ValueError names a table and column that is
    missing, or says what `compute` refused.
    """
    if _parquet(spark, out) is not None:
        raise FileExistsError(f"{out} holds rows already; name an empty folder")
    frames = _raw_tables(spark, portfolio)
    mine = {name: frame for name, frame in frames.items() if TABLES[name].of_buyer}
    shared = {name: _in_order(frames[name].toArrow()) for name in frames if name not in mine}

    def computed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if rows := list(batches):
            tables = _unpacked(pa.Table.from_batches(rows))
            for table in compute(shared | tables):
                yield from table.to_batches(ROWS_A_BATCH)

    cores = spark.sparkContext.defaultParallelism
    parts = max(cores, ceil(mine["buyers"].count() / BUYERS_A_PARTITION))
    together = _packed(mine).repartition(parts, "buyer_id")
    results = together.mapInArrow(computed, from_arrow_schema(schema))
    try:
        results.write.mode("append").parquet(str(out))
    except PythonException as error:
        raise ValueError(str(error).strip().splitlines()[-1]) from error  # the error over there
    return spark.read.parquet(str(out)).count()


def grouped_on_spark(spark: SparkSession, portfolio: Path | str) -> Tables:
    """`features.partitions.grouped`, read by Spark: the buyers of all groups pass through the
    driver."""
    frames = _raw_tables(spark, portfolio)
    buyers = frames["buyers"]
    grouped = sf.col("group_id").isNotNull() if "group_id" in buyers.columns else sf.lit(False)
    members = buyers.where(grouped).select("buyer_id")
    return {
        name: _in_order(
            (frame.join(members, "buyer_id", "semi") if TABLES[name].of_buyer else frame).toArrow()
        )
        for name, frame in frames.items()
    }


def _parquet(spark: SparkSession, path: Path | str) -> DataFrame | None:
    """The rows at a path, None where there are none."""
    try:
        return spark.read.parquet(str(path))
    except AnalysisException as error:
        if error.getCondition() not in NOTHING_THERE:
            raise
    return None


def _raw_tables(spark: SparkSession, portfolio: Path | str) -> dict[str, DataFrame]:
    """Every raw table of a portfolio: the columns we know, and each row's place in its file."""
    frames = {}
    for name, table in TABLES.items():
        if (frame := _parquet(spark, f"{portfolio}/{name}.parquet")) is None:
            continue
        conform(name, frame.limit(0).toArrow())  # refuses at the door, not on an executor
        known = [column.name for column in table.columns if column.name in frame.columns]
        frames[name] = frame.select(*known, "_metadata.row_index")
    if "buyers" not in frames:
        raise FileNotFoundError(f"no portfolio in {portfolio}: buyers.parquet is missing")
    return frames


def _packed(frames: dict[str, DataFrame]) -> DataFrame:
    """All tables as one, to be shuffled once: a row of any table becomes a list of one struct in
    the column named after its table. The lists in the other columns are null and take no room."""
    rows = [
        frame.select("buyer_id", sf.array(sf.struct("*")).alias(name))
        for name, frame in frames.items()
    ]
    return reduce(partial(DataFrame.unionByName, allowMissingColumns=True), rows)


def _unpacked(rows: pa.Table) -> Tables:
    """The tables that `_packed` made one, each in the order of its file."""
    structs = {
        name: rows[name].combine_chunks().flatten() for name in rows.column_names if name in TABLES
    }
    return {name: _in_order(pa.Table.from_struct_array(rows)) for name, rows in structs.items()}


def _in_order(table: pa.Table) -> pa.Table:
    return table.sort_by("row_index").drop_columns("row_index")
