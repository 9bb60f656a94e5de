from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from training.benchmark import entrants
from training.benchmark.data_set import DataSet, Fold
from training.config import FitSettings


@pytest.fixture(scope="module")
def gaps() -> DataSet:
    """Numbers with gaps and of any size, a category the training rows never saw."""
    draw, n = np.random.default_rng(0), 200
    x = draw.normal(size=n)
    kind = np.where(np.arange(n) % 3, "a", "b").astype(object)
    kind[150:], kind[::7] = "new", None
    features = pd.DataFrame({"x": x, "huge": 1e30 * x, "kind": kind, "empty": np.nan})
    features.loc[::5, "x"] = np.nan
    features.loc[190:, "empty"] = 1.0
    default = draw.random(n) < expit(2 * x)
    rows = np.arange(120), np.zeros(0, np.int64), np.arange(120, n)
    return DataSet("gaps", features, default, np.arange(n), [Fold(*rows)], z_score=-(x**3))


@pytest.mark.parametrize(
    "name", ["random_forest", "xgboost", "catboost", "logistic_regression", "altman"]
)
def test_any_table_is_answered(gaps: DataSet, name: str) -> None:
    if name in ("xgboost", "catboost"):
        pytest.importorskip(name)
    (fold,) = gaps.folds
    answer = getattr(entrants, name)(gaps, fold)
    assert answer.shape == (80,)
    assert np.corrcoef(answer, gaps.features["huge"].iloc[fold.test])[0, 1] > 0.5


def test_what_is_not_known_is_not_guessed(gaps: DataSet) -> None:
    with pytest.raises(ValueError, match="not known"):
        entrants.oracle(gaps, gaps.folds[0])


def test_who_learns_from_fewer_rows_without_default_tells_the_level_of_all() -> None:
    draw, n = np.random.default_rng(1), 6000
    x = draw.normal(size=n)
    default = draw.random(n) < expit(x - 2)
    rows = Fold(np.arange(4000), np.zeros(0, np.int64), np.arange(4000, n))
    data = DataSet("thinned", pd.DataFrame({"x": x}), default, np.arange(n), [rows])
    thinned = replace(data, settings=FitSettings(majority_share=0.2))
    answer = entrants.logistic_regression(thinned, rows)
    assert answer.mean() == pytest.approx(default[rows.test].mean(), rel=0.12)
    assert not np.array_equal(answer, entrants.logistic_regression(data, rows))
