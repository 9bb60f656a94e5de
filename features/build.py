"""Build: the one path from facts to features, for a request, a batch, a training set or Spark."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.catalog import CATALOG, MODULES, NAMES
from features.facts import Facts, Keys
from features.parallel import over_slices

if TYPE_CHECKING:
    import pandas as pd

KEY = ("buyer_id", "as_of_date")
BLOCK = 1500  # keys built together, in the cache; a power of two would make its lines collide


def feature_matrix(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """Every feature of every key, shape (len(keys), len(CATALOG)), NaN where unknown.

    A row depends on its own buyer and as_of day only, to the last bit.
    """
    matrix = np.empty((len(keys), len(CATALOG)))
    _fill(matrix, facts, keys)
    return matrix


def _fill(matrix: NDArray[np.float64], facts: Facts, keys: Keys) -> None:
    """Write the features of keys into `matrix`, block by block, on every core."""

    def fill(part: slice) -> None:
        for first in range(part.start, part.stop, BLOCK):
            block = slice(first, min(first + BLOCK, part.stop))
            some = Keys(keys.buyer[block], keys.as_of[block])
            topics = [module.build(facts, some) for module in MODULES]
            np.concatenate(topics, axis=1, out=matrix[block])

    # The first block compiles kernels and converts columns, once for all threads.
    ahead = min(BLOCK, len(keys))
    fill(slice(0, ahead))
    over_slices(
        lambda part: fill(slice(ahead + part.start, ahead + part.stop)), len(keys) - ahead, BLOCK
    )


def build_features(
    tables: Mapping[str, pa.Table], keys_frame: "pd.DataFrame", currency: str = "EUR"
) -> "pd.DataFrame":
    """Features of each (buyer_id, as_of_date) of `keys_frame`, in its order and indexed by it.

    ValueError names a column that is missing, KeyError a buyer who is not in the table of buyers.
    """
    import pandas as pd  # noqa: PLC0415 (40 MB that a worker of the service does not need)

    for column in KEY:
        if column not in keys_frame:
            raise ValueError(f"keys need the columns {' and '.join(KEY)}; {column!r} is missing")
    facts = Facts.of(tables, currency)
    as_of = keys_frame["as_of_date"].to_numpy("datetime64[D]")
    keys = facts.keys(keys_frame["buyer_id"].tolist(), as_of)
    index = pd.MultiIndex.from_frame(keys_frame[list(KEY)])
    return pd.DataFrame(feature_matrix(facts, keys), index, list(NAMES))


def feature_table(facts: Facts, as_of_date: date) -> pa.Table:
    """Features of all buyers on one day, in `feature_schema`."""
    buyers = len(facts.buyers)
    columns = np.empty((len(CATALOG), buyers))
    _fill(columns.T, facts, Keys.on(as_of_date, np.arange(buyers)))
    days = pa.repeat(pa.scalar(as_of_date, pa.date32()), buyers)
    return pa.table([facts.buyers, days, *columns], schema=feature_schema())


def feature_schema() -> pa.Schema:
    """Columns of features at rest: buyer_id, as_of_date, then the catalogue; NaN where unknown."""
    keys = [pa.field("buyer_id", pa.string()), pa.field("as_of_date", pa.date32())]
    return pa.schema([*keys, *(pa.field(name, pa.float64()) for name in NAMES)])
