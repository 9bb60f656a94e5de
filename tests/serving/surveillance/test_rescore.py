"""A partition is scored by the path of a request; what it says of change adds up."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from features.facts import Facts
from features.tables import Tables, read_tables
from models.credit_model import CreditModel
from serving.batch import SCHEMA, score_table
from serving.portfolio import legal_entities
from serving.surveillance.beside import Beside
from serving.surveillance.columns import CARRIED, SNAPSHOT, TOPIC_COLUMNS
from serving.surveillance.rescore import late_amount, rescore
from serving.surveillance.rules import Rules

FIRST, SECOND = date(2024, 12, 31), date(2025, 12, 31)
RULES = Rules.load()


@pytest.fixture(scope="module")
def raw(tables) -> Tables:
    return read_tables(tables)


@pytest.fixture(scope="module")
def first(model: CreditModel, raw: Tables) -> pa.Table:
    return rescore(model, RULES, raw, FIRST, None).snapshot


def test_scores_are_those_of_the_batch_to_the_bit(
    model: CreditModel, raw: Tables, first: pa.Table
) -> None:
    scored = score_table(model, Facts.of(raw, "EUR"), FIRST)
    people = {"ODD-PERSON"}
    kept = pa.array([buyer not in people for buyer in scored["buyer_id"].to_pylist()])
    pd.testing.assert_frame_equal(
        first.select(SCHEMA.names).to_pandas(), scored.filter(kept).to_pandas(), check_exact=True
    )
    assert first.schema.equals(SNAPSHOT)


def test_natural_persons_are_not_scored(model: CreditModel, raw: Tables) -> None:
    facts = Facts.of(raw, "EUR")
    kept = legal_entities(model.policy, facts, FIRST)
    assert set(facts.buyer_ids) - set(facts.buyer_ids[kept.buyer]) == {"ODD-PERSON"}


def test_base_and_topics_add_up_to_the_log_odds(first: pa.Table) -> None:
    topics = np.sum([first[name].to_numpy() for name in TOPIC_COLUMNS.values()], axis=0)
    total = first["base_log_odds"].to_numpy() + topics
    np.testing.assert_allclose(total, first["log_odds"].to_numpy(), atol=1e-12)


def test_the_same_day_again_changes_nothing(
    model: CreditModel, raw: Tables, first: pa.Table
) -> None:
    again = rescore(model, RULES, raw, FIRST, first.select(CARRIED)).snapshot
    assert not again["fired"].to_numpy().any()
    assert not again["log_odds_change"].to_numpy().any()
    assert not again["grade_move"].to_numpy().any()
    for name in ("limit_in_force", "memory_steady_grade"):
        assert again[name].equals(first[name])


def test_the_run_before_is_laid_beside_by_buyer(
    model: CreditModel, raw: Tables, first: pa.Table
) -> None:
    """In another order, and without some buyers, who are new then."""
    shuffled = first.select(CARRIED).slice(50).take(pa.array(range(first.num_rows - 51, -1, -1)))
    later = rescore(model, RULES, raw, SECOND, shuffled).snapshot
    was = dict(zip(first["buyer_id"].to_pylist(), first["log_odds"].to_pylist(), strict=True))
    for place, row in enumerate(later.to_pylist()):
        if place < 50:
            assert row["previous_grade"] is row["log_odds_change"] is row["grade_move"] is None
        else:
            assert row["log_odds_change"] == row["log_odds"] - was[row["buyer_id"]]


def test_a_limit_is_cut_at_once_and_raised_once_confirmed(
    model: CreditModel, raw: Tables, first: pa.Table
) -> None:
    before = first.select(CARRIED)
    generous = _with_limits(before, 2.0)
    cut = rescore(model, RULES, raw, FIRST, generous).snapshot
    assert (_limits(cut) <= 2 * _limits(first)).all()
    low = _with_limits(before, 0.2)
    low = low.set_column(
        low.column_names.index("limit_grade"), "limit_grade", pa.array([10] * len(low))
    )
    waits = rescore(model, RULES, raw, FIRST, low).snapshot
    assert (_limits(waits) == 0.2 * _limits(first)).all()
    lucky = first["buyer_id"].to_pylist()[int(np.argmax(_limits(first)))]
    raised = rescore(model, RULES, raw, FIRST, low, Beside(confirmed=[lucky])).snapshot
    moved = np.flatnonzero(_limits(raised) > _limits(waits))
    assert [raised["buyer_id"][int(place)].as_py() for place in moved] == [lucky]


def test_late_amounts_of_all_buckets_are_what_is_overdue(model: CreditModel, raw: Tables) -> None:
    assessment = rescore(model, RULES, raw, SECOND, None).assessment
    overdue = np.nan_to_num(assessment.column("overdue_amount"))
    np.testing.assert_allclose(np.nan_to_num(late_amount(assessment, 1)), overdue, rtol=1e-9)
    late, later = (np.nan_to_num(late_amount(assessment, days)) for days in (31, 91))
    assert (later <= late + 1e-9).all()
    assert 0 < later.sum() <= late.sum() < overdue.sum()


def test_drift_of_the_base_alone_is_told_as_the_models(
    model: CreditModel, raw: Tables, first: pa.Table
) -> None:
    inner = model.default_model
    shifted = replace(model, default_model=replace(inner, intercept=inner.intercept + 0.5))
    later = rescore(shifted, RULES, raw, FIRST, first.select(CARRIED)).snapshot
    change = later["base_log_odds"].to_numpy() - first["base_log_odds"].to_numpy()
    np.testing.assert_allclose(change, 0.5)
    np.testing.assert_allclose(later["log_odds_change"].to_numpy(), 0.5)


def _limits(snapshot: pa.Table) -> np.ndarray:
    return snapshot["limit_in_force"].to_numpy()


def _with_limits(rows: pa.Table, factor: float) -> pa.Table:
    place = rows.column_names.index("limit_in_force")
    return rows.set_column(place, "limit_in_force", pa.array(_limits(rows) * factor))
