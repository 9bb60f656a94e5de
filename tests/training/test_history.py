from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features.calendar import day_number
from features.facts import Facts
from features.tables import read_tables
from models.credit_model import CreditModel
from training.config import TrainingConfig
from training.history import SHARE_OF_REVENUE, History, history, refuse_known
from training.train import TrainingResult


@pytest.fixture(scope="module")
def facts(portfolio: Path) -> Facts:
    return Facts.of(read_tables(portfolio))


@pytest.fixture(scope="module")
def past(facts: Facts, config: TrainingConfig, trained: TrainingResult) -> History:
    return history(facts, config, trained.model)


def test_it_is_the_test_slice_of_those_who_trade(past: History, trained: TrainingResult) -> None:
    test = trained.test.index.get_level_values("as_of_date")
    assert 0 < len(past) <= len(test)
    assert set(past.as_of) <= {day_number(day.date()) for day in test.unique()}
    assert (past.limit <= past.need).all()
    assert not past.owed[~past.default].any()
    assert past.owed[past.default].any()


def test_sales_are_what_was_invoiced_in_the_year_after(
    past: History, facts: Facts, portfolio: Path, trained: TrainingResult
) -> None:
    row = int(np.argmax(past.sales))
    invoices = pd.read_parquet(portfolio / "invoices.parquet")
    owner = facts.buyer_ids[past.buyer[row]]
    days = (pd.to_datetime(invoices["issued_on"]) - pd.Timestamp(0)).dt.days - past.as_of[row]
    mine = invoices[(invoices["buyer_id"] == owner) & (days > 0) & (days <= 365)]
    if set(mine["currency"].dropna()) <= {"EUR"}:
        before_vat = mine["amount"].sum() / (1 + trained.model.policy.cover.vat_rate)
        assert past.sales[row] == pytest.approx(before_vat, rel=1e-6)
    else:
        assert past.sales[row] > 0


def test_without_invoices_trade_is_a_share_of_revenue(
    portfolio: Path,
    config: TrainingConfig,
    trained: TrainingResult,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = {
        name: table
        for name, table in read_tables(portfolio).items()
        if name not in ("invoices", "payments")
    }
    found = history(Facts.of(tables), config, trained.model)
    assert "0.01% of revenue" in found.assumption
    assert (found.owed == np.where(found.default, found.need, 0.0)).all()
    monkeypatch.setattr("training.history.SHARE_OF_REVENUE", 2 * SHARE_OF_REVENUE)
    twice = history(Facts.of(tables), config, trained.model)
    assert twice.sales == pytest.approx(2 * found.sales)


def with_metadata(model: CreditModel, **split: str) -> CreditModel:
    config = model.metadata["config"]
    changed = {**config, "split": {**config["split"], **split}}
    return replace(model, metadata={**model.metadata, "config": changed})


def test_a_model_that_saw_the_outcomes_is_refused(
    facts: Facts, config: TrainingConfig, trained: TrainingResult
) -> None:
    later = with_metadata(trained.model, calibrate_until="2024-06-30")
    with pytest.raises(ValueError, match=r"up to 2025-06-30.*begins on 2024-12-31: not out of"):
        history(facts, config, later)


def test_a_model_of_unknown_origin_is_refused(trained: TrainingResult) -> None:
    with pytest.raises(ValueError, match="lacks 'config'"):
        refuse_known(replace(trained.model, metadata={}), 0)


def test_the_day_after_the_last_outcome_is_out_of_time(trained: TrainingResult) -> None:
    closed = day_number(date(2024, 12, 30))  # 2023-12-31 and 365 days
    refuse_known(trained.model, closed)
    with pytest.raises(ValueError, match="not out of time"):
        refuse_known(trained.model, closed - 1)
