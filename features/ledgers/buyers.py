"""The buyers of a ledger that brings no file of buyers, or not of all."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from features.ledgers.checks import Problem, mask, split
from features.ledgers.conversion import convert
from features.ledgers.extract import Extract
from features.ledgers.mapping import Column, TableMapping
from features.tables import TABLES


def buyers_in(frames: Iterable[pa.Table]) -> pa.Array:
    """Every buyer_id that occurs in these tables."""
    chunks = [chunk for frame in frames for chunk in frame["buyer_id"].chunks]
    return pc.unique(pa.chunked_array(chunks, pa.string()))


def one_per_buyer(rows: pa.Table, wanted: pa.Array) -> pa.Table:
    """One row for each buyer `wanted`, each column by the first row of the buyer that has it."""
    rows = rows.filter(pc.is_in(rows["buyer_id"], wanted))
    columns = [name for name in rows.column_names if name != "buyer_id"]
    first = rows.group_by("buyer_id", use_threads=False).aggregate(
        [(name, "first", pc.ScalarAggregateOptions(skip_nulls=True)) for name in columns]
    )
    return first.rename_columns([name.removesuffix("_first") for name in first.column_names])


def default_buyers(ids: pa.Array, section: TableMapping) -> pa.Table:
    """Buyers of whom only the id is known, with the defaults of `[buyers.columns]`."""
    columns = {name: column for name, column in section.columns.items() if column.default}
    columns = {name: Column(default=column.default) for name, column in columns.items()}
    columns["buyer_id"] = Column(columns=(("buyer_id",),))
    extract = Extract("ledger", pa.table({"buyer_id": ids}), np.zeros(len(ids), np.int64))
    return convert("buyers", section.model_copy(update={"columns": columns}), extract)[0]


def refuse_strangers(name: str, frame: pa.Table, buyers: pa.Array) -> tuple[pa.Table, pa.Table]:
    """The rows of table `name` whose buyer is known, and the others."""
    problems = []
    if TABLES[name].of_buyer:
        stranger = ~mask(pc.is_in(frame["buyer_id"], buyers))
        remedy = "add it to buyers, or give [buyers.columns] country a default"
        problems.append(Problem(stranger, "buyer_id", "unknown buyer", remedy))
    return split(name, frame, problems)
