from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.build import (
    KEY,
    build_features,
    feature_matrix,
)
from features.catalog import NAMES
from features.facts import Facts, Keys

DAYS = [date(2024, 3, 31), date(2024, 6, 30)]


@pytest.fixture(scope="module")
def tables():
    buyers = [f"b{i}" for i in range(9)]
    return {
        "buyers": pa.table({"buyer_id": buyers, "country": ["FR"] * 9}),
        "statements": pa.table(
            {
                "buyer_id": buyers[::2],
                "closing_date": [date(2023, 9, 30)] * 5,
                "available_at": [date(2024, 4, 30)] * 5,
                "total_assets": [100.0, 200.0, 300.0, 400.0, 500.0],
                "equity": [50.0, 50.0, 50.0, 50.0, 50.0],
            }
        ),
    }


def test_the_frame_has_the_catalogue_as_columns_and_the_keys_as_index(tables):
    keys = pd.DataFrame(
        {"buyer_id": ["b2", "b0", "b2"], "as_of_date": pd.to_datetime(DAYS * 2)[:3]}
    )
    frame = build_features(tables, keys)
    assert list(frame.columns) == list(NAMES)
    assert frame.index.names == list(KEY)
    assert frame.index.get_level_values("buyer_id").tolist() == ["b2", "b0", "b2"]
    np.testing.assert_array_equal(frame["equity_ratio"], [np.nan, 0.5, np.nan])


def test_a_key_without_a_column_or_a_buyer_is_named(tables):
    with pytest.raises(ValueError, match="'as_of_date' is missing"):
        build_features(tables, pd.DataFrame({"buyer_id": ["b0"]}))
    stranger = pd.DataFrame({"buyer_id": ["b99"], "as_of_date": pd.to_datetime(DAYS[:1])})
    with pytest.raises(KeyError, match="b99"):
        build_features(tables, stranger)


def test_many_keys_are_built_as_one_by_one(tables):
    facts = Facts.of(tables)
    buyer = np.arange(9001) % 9  # more than two blocks
    as_of = np.full(9001, 19_904, np.int32)  # 2024-06-30
    whole = feature_matrix(facts, Keys(buyer, as_of))
    nine = feature_matrix(facts, Keys(buyer[:9], as_of[:9]))
    np.testing.assert_array_equal(whole, nine[buyer])
