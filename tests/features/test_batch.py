from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.batch import build_partitions
from features.build import KEY, build_features, feature_schema
from features.catalog import NAMES
from features.tables import read_tables, write_tables

DAYS = [date(2024, 3, 31), date(2024, 6, 30)]


@pytest.fixture
def frames():
    ids = [f"b{i}" for i in range(9)]
    published = {"closing_date": [date(2023, 9, 30)] * 5, "available_at": [date(2024, 4, 30)] * 5}
    accounts = {"total_assets": [100.0, 200.0, 300.0, 400.0, 500.0], "equity": [50.0] * 5}
    return {
        "buyers": pa.table({"buyer_id": ids, "country": ["FR"] * 9}),
        "statements": pa.table({"buyer_id": ids[::2], **published, **accounts}),
    }


@pytest.mark.parametrize("buyers_a_partition", [4, 100])
def test_partitions_hold_what_one_build_gives(frames, tmp_path, buyers_a_partition):
    write_tables(frames, tmp_path / "in")
    rows = build_partitions(
        tmp_path / "in",
        tmp_path / "out",
        as_of_dates=DAYS,
        buyers_a_partition=buyers_a_partition,
    )
    written = pq.read_table(tmp_path / "out")
    assert rows == written.num_rows == 18
    assert written.schema.equals(feature_schema())
    got = written.to_pandas().sort_values(list(KEY)).reset_index(drop=True)
    keys = got[list(KEY)].assign(as_of_date=pd.to_datetime(got["as_of_date"]))
    expected = build_features(read_tables(tmp_path / "in"), keys)
    np.testing.assert_array_equal(got[list(NAMES)], expected)


def test_features_are_never_written_over_others(frames, tmp_path):
    write_tables(frames, tmp_path)
    build_partitions(tmp_path, tmp_path / "out", as_of_dates=DAYS)
    with pytest.raises(FileExistsError, match="name an empty folder"):
        build_partitions(tmp_path, tmp_path / "out", as_of_dates=DAYS)
