"""A portfolio scored on Spark is the portfolio scored here, bit for bit."""

from datetime import date

import pandas as pd
import pyarrow.parquet as pq

from models.credit_model import CreditModel
from serving.batch import SCHEMA, score_portfolio

AS_OF = date(2025, 6, 30)


def test_every_bit_is_that_of_the_local_engine(spark, bundle, tables, tmp_path) -> None:
    from serving.spark_batch import score_portfolio_spark

    model = CreditModel.load(bundle)
    rows = score_portfolio(model, tables, AS_OF, tmp_path / "local.parquet")
    assert score_portfolio_spark(model, tables, AS_OF, tmp_path / "spark", spark=spark) == rows
    local, spark_made = (
        pq.read_table(tmp_path / name).sort_by("buyer_id") for name in ("local.parquet", "spark")
    )
    assert spark_made.schema.equals(SCHEMA)
    pd.testing.assert_frame_equal(spark_made.to_pandas(), local.to_pandas(), check_exact=True)
