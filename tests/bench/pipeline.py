"""The whole pipeline, from Parquet files to features of every buyer, all topics.

The peer is written in polars, and gives the same columns, which is checked first; only a few are
ours alone, see OURS_ALONE.
"""

import argparse
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from features.build import feature_table
from features.catalog import NAMES
from features.facts import Facts
from features.partitions import partitions
from features.payments import usual
from tests.bench.peers import pipeline_polars
from tests.bench.table import Result, publish, seconds
from training.economy.economy import generate

AS_OF = date(2025, 6, 30)
AS_OF_DAY = (AS_OF - date(1970, 1, 1)).days

# The peer's payment query knows part payments only as the day they settle an invoice; a register
# of legal forms is a mapping of texts, no computation; what is usual is not in its tables.
OURS_ALONE = {"part_paid_share_12m", "legal_form_grade"}
OURS_ALONE |= {f"unpaid_share_{m}m" for m in (3, 6, 12, 24)}
OURS_ALONE |= {feature.name for feature in usual.FEATURES}
COMPARED = [name for name in NAMES if name not in OURS_ALONE]


def ours(folder: Path) -> pa.Table:
    """Every feature of every buyer in `folder`, partition by partition."""
    parts = [feature_table(Facts.of(tables), AS_OF) for tables in partitions(folder)]
    return pa.concat_tables(parts)


def check_equal(folder: Path) -> None:
    """The peer computes the same."""
    mine, theirs = ours(folder), pipeline_polars.features(folder, AS_OF_DAY)
    assert mine["buyer_id"].to_pylist() == theirs["buyer_id"].to_list()
    for name in COMPARED:
        np.testing.assert_allclose(
            theirs[name].to_numpy().astype(float),
            mine[name].to_numpy(),
            rtol=1e-9,
            atol=1e-9,
            err_msg=name,
        )


def main(buyers: int) -> None:
    """Generate a portfolio, compare, publish."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        generate(buyers=buyers, years=6, seed=7, out=folder)
        check_equal(folder)
        here = seconds(lambda: ours(folder))
        there = seconds(lambda: pipeline_polars.features(folder, AS_OF_DAY))
    what = f"{len(COMPARED)} features of {buyers:,} buyers on one day, from files"
    publish("pipeline", [Result(what, "s", here, there, "polars", there / here)])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buyers", type=int, default=100_000)
    main(parser.parse_args().buyers)
