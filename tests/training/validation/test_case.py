from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features.facts import Keys
from training.config import TrainingConfig
from training.train import TrainingResult
from training.validation.case import Case, once


def test_a_buyer_counts_once_a_horizon_from_its_first_row_on() -> None:
    keys = Keys(np.array([1, 0, 0, 0, 0]), np.array([300, 800, 400, 300, 0], np.int32))
    assert once(keys, 365).tolist() == [True, True, True, False, True]


def test_dropping_overlaps_does_not_pick_defaults(case: Case) -> None:
    """Last rows are those before a default: keeping them would raise the rate."""
    kept = case.test.default[case.test.once]
    buyers = case.test.keys.buyer
    assert len(kept) == len(np.unique(buyers))
    assert kept.mean() == pytest.approx(case.test.default.mean(), rel=0.25)


def test_every_row_has_the_probability_that_is_served(case: Case) -> None:
    assert case.probability[case.test.rows] == pytest.approx(case.test.probability, abs=1e-12)


def test_truth_is_that_of_the_same_buyer_and_day(case: Case) -> None:
    told = pq.read_table(case.portfolio / "truth.parquet").to_pandas()
    assert case.truth is not None
    row = 17
    buyer = case.facts.buyer_ids[case.test.keys.buyer[row]]
    day = case.test.keys.as_of[row].astype("datetime64[D]")
    same = (told["buyer_id"] == buyer) & (pd.to_datetime(told["as_of_date"]) == pd.Timestamp(day))
    assert case.truth[row] == told.loc[same, "default_probability"].item()


def test_a_model_that_knows_the_test_slice_is_refused(
    trained: TrainingResult, portfolio: Path, config: TrainingConfig
) -> None:
    learned = {**trained.model.metadata["config"]["split"], "calibrate_until": "2024-06-30"}
    metadata = {
        **trained.model.metadata,
        "config": {**trained.model.metadata["config"], "split": learned},
    }
    late = replace(trained.model, metadata=metadata)
    with pytest.raises(ValueError, match="not out of time"):
        Case.of(late, portfolio, config)


def test_a_champion_that_knows_the_test_slice_is_no_rival(case: Case) -> None:
    unknown = replace(case.model, metadata={})
    other = Case.of(
        case.model, case.portfolio, case.config, champion=("old", unknown), sample=case.sample
    )
    assert other.champion is None
