import numpy as np
import pandas as pd
import pytest

from training.benchmark.data_set import DataSet
from training.benchmark.footprints import footprint_auc, marks


def of(features: pd.DataFrame, default: np.ndarray) -> DataSet:
    return DataSet("drawn", features, default, np.arange(len(features)))


@pytest.fixture
def drawn() -> tuple[pd.DataFrame, np.ndarray]:
    """Three measured columns and a count, of which none knows the outcome."""
    draw, n = np.random.default_rng(0), 600
    frame = pd.DataFrame(draw.normal(size=(n, 3)), columns=["a", "b", "c"])
    return frame.assign(count=draw.integers(0, 4, n).astype(float)), draw.random(n) < 0.2


@pytest.mark.parametrize("made", ["equal", "multiple", "difference", "zero", "empty"])
def test_rows_made_in_another_way_are_told(drawn, made: str) -> None:
    frame, default = drawn
    assert footprint_auc(of(frame, default)) is None
    rest = {
        "equal": frame["a"],
        "multiple": 365 * frame["a"],
        "difference": frame["a"] - 1,
        "zero": 0.0,
        "empty": np.nan,
    }[made]
    told = frame.assign(b=frame["b"].where(default, rest))
    assert 1 <= marks(told).shape[1] <= 2
    assert footprint_auc(of(told, default)) > 0.99


def test_what_is_empty_by_chance_tells_nothing(drawn) -> None:
    frame, default = drawn
    empty = np.random.default_rng(1).random(600) < 0.3
    assert 0.35 < footprint_auc(of(frame.assign(a=frame["a"].mask(empty)), default)) < 0.65


def test_a_count_of_zero_is_no_footprint(drawn) -> None:
    frame, default = drawn
    assert footprint_auc(of(frame.assign(count=default.astype(float)), default)) is None


def test_too_few_defaults_tell_nothing(drawn) -> None:
    frame, _ = drawn
    few = np.arange(600) < 3
    assert footprint_auc(of(frame.assign(a=frame["a"].where(few)), few)) is None
