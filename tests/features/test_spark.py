"""Spark, a real one inside this machine, gives what the local engine gives."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.batch import build_partitions
from features.build import KEY
from features.tables import read_tables, write_tables
from training.economy.economy import generate

QUARTERS = [date(2024, 3, 31), date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31)]


@pytest.fixture(scope="module")
def portfolio(tmp_path_factory):
    """A generated economy, its statements out of order and with a tie: two versions of one day."""
    folder = tmp_path_factory.mktemp("portfolio")
    generate(buyers=120, years=4, seed=5, out=folder)
    statements = read_tables(folder)["statements"]
    again = statements.set_column(
        statements.column_names.index("equity"),
        "equity",
        pa.array(statements["equity"].to_numpy() + 1.0),
    )
    both = pa.concat_tables([statements, again])
    shuffled = both.take(np.random.default_rng(0).permutation(len(both)))
    write_tables({"statements": shuffled}, folder)
    return folder


@pytest.fixture(scope="module")
def built(spark, portfolio, tmp_path_factory):
    from features.spark import build_features_spark

    out = tmp_path_factory.mktemp("features") / "of_spark"
    return build_features_spark(portfolio, out, as_of_dates=QUARTERS, spark=spark), out


def test_every_bit_is_that_of_the_local_engine(portfolio, built, tmp_path):
    rows, out = built
    assert build_partitions(portfolio, tmp_path, as_of_dates=QUARTERS) == rows
    order = [(column, "ascending") for column in KEY]
    ours, theirs = (pq.read_table(folder).sort_by(order) for folder in (tmp_path, out))
    assert theirs.num_rows == rows
    assert theirs.schema.equals(ours.schema)
    assert theirs.select(KEY).equals(ours.select(KEY))
    for name in ours.column_names[len(KEY) :]:
        bits = (table[name].to_numpy().view(np.int64) for table in (ours, theirs))
        np.testing.assert_array_equal(*bits, err_msg=name)


def test_the_buyers_are_shared_out(built):
    _, out = built
    parts = [set(pq.read_table(file)["buyer_id"].to_pylist()) for file in out.glob("part-*")]
    assert len(parts) == 2
    assert not parts[0] & parts[1]


def test_features_are_never_written_among_others(spark, portfolio, built):
    from features.spark import build_features_spark

    with pytest.raises(FileExistsError, match="name an empty folder"):
        build_features_spark(portfolio, built[1], as_of_dates=QUARTERS, spark=spark)


def test_a_folder_without_buyers_is_named(spark, tmp_path):
    from features.spark import build_features_spark

    with pytest.raises(FileNotFoundError, match=f"no portfolio in {tmp_path}"):
        build_features_spark(tmp_path, tmp_path / "out", as_of_dates=QUARTERS, spark=spark)


def test_what_an_executor_refuses_is_told_and_leaves_nothing(spark, tmp_path):
    from features.spark import build_features_spark

    esg = pa.table({"buyer_id": ["b1", "stranger"], "rated_on": QUARTERS[:2]})
    buyers = pa.table({"buyer_id": ["b1"], "country": ["FR"]})
    write_tables({"buyers": buyers, "esg": esg}, tmp_path)
    out = tmp_path / "out"
    with pytest.raises(ValueError, match="table 'esg': buyer_id 'stranger' is not in"):
        build_features_spark(tmp_path, out, as_of_dates=QUARTERS, spark=spark)
    write_tables({"esg": esg[:1]}, tmp_path)
    assert build_features_spark(tmp_path, out, as_of_dates=QUARTERS, spark=spark) == 4


def test_a_missing_column_is_refused_before_any_work(spark, tmp_path):
    from features.spark import build_features_spark

    pq.write_table(pa.table({"buyer_id": ["b1"]}), tmp_path / "buyers.parquet")
    with pytest.raises(ValueError, match="'buyers' lacks the required column 'country'"):
        build_features_spark(tmp_path, tmp_path / "out", as_of_dates=QUARTERS, spark=spark)
