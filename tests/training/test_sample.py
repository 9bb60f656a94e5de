from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.build import build_features
from features.catalog import CATALOG
from features.facts import Facts
from features.tables import TABLES, Table, Tables, read_tables
from models.label import label
from training.cohort import cohort
from training.config import TrainingConfig
from training.sample import Sample, assemble, chosen_features


def test_rows_are_the_features_serving_would_build(portfolio: Path, sample: Sample) -> None:
    frame = sample.frame(sample.slices.test).iloc[::97]
    served = build_features(read_tables(portfolio), frame.index.to_frame(index=False))
    assert np.array_equal(frame.to_numpy(), served[sample.names].to_numpy(), equal_nan=True)


def test_what_never_varies_in_training_is_left_out(sample: Sample) -> None:
    train = sample.matrix[sample.slices.train]
    assert all(len(np.unique(column)) > 1 for column in train.T)
    assert {f.role for f in sample.features} == {"model"}


def test_topics_choose_the_features() -> None:
    chosen = [CATALOG[column] for column in chosen_features(["liquidity", "leverage"])]
    assert {f.topic for f in chosen} == {"liquidity", "leverage"}
    assert len(chosen_features()) > len(chosen)
    left = [CATALOG[column].name for column in chosen_features(leave_out=["equity_ratio"])]
    assert len(left) == len(chosen_features()) - 1
    assert "equity_ratio" not in left


def test_a_slice_without_defaults_is_named(portfolio: Path, config: TrainingConfig) -> None:
    early = replace(config, split=replace(config.split, train_until=date(2020, 1, 1)))
    with pytest.raises(ValueError, match=r"slice 'train' has 0 rows .*\[split\]"):
        assemble(Facts.of(read_tables(portfolio)), early)


def test_what_comes_later_changes_no_row_no_feature_and_no_label(
    portfolio: Path, config: TrainingConfig
) -> None:
    """Rows of 2021 to 2023, built when the last horizon closes and again a year later."""
    rule = replace(config.cohort, last=date(2023, 12, 31))
    tables = read_tables(portfolio)
    then, now = (
        label(facts, cohort(facts, rule), config.label)
        for facts in (Facts.of(as_known(tables, date(2024, 12, 31))), Facts.of(tables))
    )
    assert then.default.sum() > 50
    assert then.counts == now.counts
    assert np.array_equal(then.keys.buyer, now.keys.buyer)
    assert np.array_equal(then.keys.as_of, now.keys.as_of)
    assert np.array_equal(then.default_on, now.default_on)


def as_known(tables: Tables, end: date) -> Tables:
    """The tables as they stood on `end`: no later row, and nothing paid or disputed later."""
    return {name: _as_known(TABLES[name], frame, pa.scalar(end)) for name, frame in tables.items()}


def _as_known(table: Table, frame: pa.Table, end: pa.Scalar) -> pa.Table:
    if table.known_on and table.event_on:
        known = pc.coalesce(frame[table.known_on], frame[table.event_on])
        frame = frame.filter(pc.less_equal(known, end))
    for column in {"paid_on", "disputed_on"} & set(frame.column_names) - {table.known_on}:
        later = pc.fill_null(pc.greater(frame[column], end), False)
        value = pc.if_else(later, pa.scalar(None, pa.date32()), frame[column])
        frame = frame.set_column(frame.column_names.index(column), column, value)
    return frame
