"""Build: the one path from facts to features, for a request, a batch, a training set or Spark."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.catalog import CATALOG, MODULES, NAMES
from features.facts import Facts, Keys

KEY = ("buyer_id", "as_of_date")
BLOCK = 8192  # keys built together: their columns stay in the processor's cache


def feature_matrix(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """Every feature of every key, shape (len(keys), len(CATALOG)), NaN where unknown.

    A row depends on its own buyer and as_of day only, to the last bit.
    """
    matrix = np.empty((len(keys), len(CATALOG)))
    for first in range(0, len(keys), BLOCK):
        block = slice(first, first + BLOCK)
        part = Keys(keys.buyer[block], keys.as_of[block])
        np.concatenate([module.build(facts, part) for module in MODULES], axis=1, out=matrix[block])
    return matrix


def build_features(
    tables: Mapping[str, pa.Table], keys_frame: pd.DataFrame, currency: str = "EUR"
) -> pd.DataFrame:
    """Features of each (buyer_id, as_of_date) of `keys_frame`, in its order and indexed by it.

    ValueError names a column that is missing, KeyError a buyer who is not in the table of buyers.
    """
    for column in KEY:
        if column not in keys_frame:
            raise ValueError(f"keys need the columns {' and '.join(KEY)}; {column!r} is missing")
    facts = Facts.of(tables, currency)
    as_of = keys_frame["as_of_date"].to_numpy("datetime64[D]")
    keys = facts.keys(keys_frame["buyer_id"].tolist(), as_of)
    index = pd.MultiIndex.from_frame(keys_frame[list(KEY)])
    return pd.DataFrame(feature_matrix(facts, keys), index, list(NAMES))
