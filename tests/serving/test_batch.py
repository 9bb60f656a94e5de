"""A portfolio file says what a request would be answered, buyer by buyer."""

from datetime import date

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from encours import app
from features.partitions import count_buyers
from models.credit_model import CreditModel
from serving.batch import SCHEMA, score_buyer, score_portfolio

AS_OF = date(2025, 6, 30)


def test_the_file_equals_the_answers_one_by_one(bundle, tables, tmp_path) -> None:
    out = tmp_path / "scores.parquet"
    rows = score_portfolio(CreditModel.load(bundle), tables, AS_OF, out)
    scores = pq.read_table(out)
    assert scores.schema.equals(SCHEMA)
    assert scores.num_rows == rows == len(set(scores["buyer_id"].to_pylist()))
    assert rows == count_buyers(tables) - 1  # ODD-PERSON
    for scored in scores.to_pylist()[::40]:
        told, _ = score_buyer(CreditModel.load(bundle), tables, scored["buyer_id"], AS_OF)
        for name in ("default_probability", "log_odds", "grade", "limit", "binding_constraint"):
            assert scored[name] == told[name]
        strongest = max(told["topics"], key=lambda topic: abs(topic["log_odds"]))
        assert scored["topic_1"] == strongest["topic"]


def test_an_unknown_buyer_is_named(bundle, tables) -> None:
    with pytest.raises(KeyError, match="B-404"):
        score_buyer(CreditModel.load(bundle), tables, "B-404", AS_OF)


def test_a_natural_person_is_scored_neither_alone_nor_among_others(
    bundle, tables, tmp_path
) -> None:
    with pytest.raises(ValueError, match="Annex III"):
        score_buyer(CreditModel.load(bundle), tables, "ODD-PERSON", AS_OF)
    out = tmp_path / "scores.parquet"
    where = ["--as-of", str(AS_OF), "--model", str(bundle), "--out", str(out)]
    told = CliRunner().invoke(app, ["score", str(tables), *where]).output
    assert "ODD-PERSON" not in pq.read_table(out)["buyer_id"].to_pylist()
    assert "1 natural persons and sole traders are not scored" in told
