"""Spark: the functions of one machine, partition by partition on many.

Executors read the raw tables as Parquet; one shuffle brings all rows of a buyer, of every table,
to one place; there a Python worker holds the raw tables of some thousand buyers, in the order of
the files, and calls what the local engine calls. So results are equal to the last bit. Only
shared tables (fx, country_risk, sector_risk) pass through the driver.

What is shuffled is not a row at a time but Arrow tables, a thousand rows in one value: Spark's own
rows cost several times what the features do.

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
from functools import reduce
from itertools import pairwise
from math import ceil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyspark.errors import AnalysisException, PythonException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.pandas.types import from_arrow_schema, to_arrow_schema

from features.build import feature_schema, feature_table
from features.facts import Facts
from features.parallel import work_alone
from features.partitions import BUYERS_A_PARTITION
from features.tables import TABLES, Tables, conform

Compute = Callable[[Tables], Iterable[pa.Table]]
Frames = dict[str, DataFrame]

NOTHING_THERE = {"PATH_NOT_FOUND", "UNABLE_TO_INFER_SCHEMA"}  # no path, or an empty folder
ROWS_A_BATCH = 10_000  # of results on their way from Python to Spark
ROWS_TOGETHER = 500_000  # of one table, packed for their partitions at once
PACKED = pa.schema([("part", pa.int32()), ("name", pa.string()), ("rows", pa.binary())])
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
    `raw_tables` and `write_rows`.
    """

    def features(tables: Tables) -> Iterator[pa.Table]:
        facts = Facts.of(tables, currency)
        return (feature_table(facts, as_of_date) for as_of_date in as_of_dates)

    spark = spark or session()
    check_empty(spark, out)
    rows = map_partitions(raw_tables(spark, portfolio), features, feature_schema())
    return write_rows(rows, out)


def raw_tables(spark: SparkSession, portfolio: Path | str) -> Frames:
    """Every raw table of a portfolio: the columns we know, and each row's place in its file.

    FileNotFoundError where there is none; ValueError names a table and column that is missing.
    """
    frames = {}
    for name, table in TABLES.items():
        if (frame := _parquet(spark, f"{portfolio}/{name}.parquet")) is None:
            continue
        header = to_arrow_schema(frame.schema).empty_table()
        conform(name, header)  # refuses at the door, not on an executor
        known = [column.name for column in table.columns if column.name in frame.columns]
        frames[name] = frame.select(*known, "_metadata.row_index")
    if "buyers" not in frames:
        raise FileNotFoundError(f"no portfolio in {portfolio}: buyers.parquet is missing")
    return frames


def map_partitions(frames: Frames, compute: Compute, schema: pa.Schema) -> DataFrame:
    """The rows of `schema` that `compute` gives of each partition's tables, made when asked for.

    `compute` runs on the executors and sees all rows of its buyers; `frames` may hold tables of
    buyers beside the raw ones.
    """
    mine = {name: frame for name, frame in frames.items() if "buyer_id" in frame.columns}
    shared = {name: _in_order(frames[name].toArrow()) for name in frames if name not in mine}

    empty = {n: _in_order(to_arrow_schema(mine[n].schema).empty_table()) for n in mine}

    def computed(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        work_alone()  # other workers have the other cores
        if tables := _unpacked(batches):
            for table in compute(empty | shared | tables):
                yield from table.to_batches(ROWS_A_BATCH)

    parts = _parts(mine["buyers"])
    packed = reduce(DataFrame.union, [_packed(name, mine[name], parts) for name in mine])
    together = packed.repartitionById(parts, sf.col("part"))
    return together.mapInArrow(computed, from_arrow_schema(schema))


def check_empty(spark: SparkSession, out: Path | str) -> None:
    """FileExistsError where `out` holds rows already."""
    if _parquet(spark, out) is not None:
        raise FileExistsError(f"{out} holds rows already; name an empty folder")


def write_rows(rows: DataFrame, out: Path | str) -> int:
    """Make `rows`, as Parquet files in `out`, which is filled when all is done; how many there are.

    ValueError says what `compute` refused.
    """
    try:
        rows.write.mode("append").parquet(str(out))
    except PythonException as error:
        raise ValueError(str(error).strip().splitlines()[-1]) from error  # the error over there
    return rows.sparkSession.read.parquet(str(out)).count()


def _parquet(spark: SparkSession, path: Path | str) -> DataFrame | None:
    """The rows at a path, None where there are none."""
    try:
        return spark.read.parquet(str(path))
    except AnalysisException as error:
        if error.getCondition() not in NOTHING_THERE:
            raise
    return None


def _parts(buyers: DataFrame) -> int:
    """How many partitions: small enough for a worker's memory, and every core has as many."""
    cores = buyers.sparkSession.sparkContext.defaultParallelism
    return cores * max(1, ceil(buyers.count() / BUYERS_A_PARTITION / cores))


def _packed(name: str, frame: DataFrame, parts: int) -> DataFrame:
    """The rows of one table in PACKED, those of one partition together, many in a value."""

    def pack(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        waiting: list[pa.RecordBatch] = []
        for batch in batches:
            waiting.append(batch)
            if sum(map(len, waiting)) >= ROWS_TOGETHER:
                yield _by_part(name, pa.Table.from_batches(waiting))
                waiting = []
        if waiting:
            yield _by_part(name, pa.Table.from_batches(waiting))

    part = sf.pmod(sf.hash("buyer_id"), sf.lit(parts)).alias("part")
    return frame.select("*", part).mapInArrow(pack, from_arrow_schema(PACKED))


def _by_part(name: str, rows: pa.Table) -> pa.RecordBatch:
    """A row of PACKED for every partition that has some of these rows."""
    rows = rows.combine_chunks().sort_by("part")
    part, first = np.unique(rows["part"].to_numpy(), return_index=True)
    bounds = [*first.tolist(), len(rows)]
    rows = rows.drop_columns("part")
    values = [_written(rows[start:end]) for start, end in pairwise(bounds)]
    return pa.record_batch([pa.array(part), [name] * len(part), values], schema=PACKED)


def _written(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return sink.getvalue().to_pybytes()


def _unpacked(batches: Iterator[pa.RecordBatch]) -> Tables:
    """The tables of one partition, each in the order of its file."""
    found: dict[str, list[pa.Table]] = {}
    for batch in batches:
        for name, value in zip(batch["name"].to_pylist(), batch["rows"], strict=True):
            found.setdefault(name, []).append(pa.ipc.open_stream(value.as_buffer()).read_all())
    return {name: _in_order(pa.concat_tables(pieces)) for name, pieces in found.items()}


def _in_order(table: pa.Table) -> pa.Table:
    rows = table.drop_columns("row_index").combine_chunks()
    return rows.take(pc.sort_indices(table["row_index"]))
