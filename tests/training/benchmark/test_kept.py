from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from training.benchmark.data_set import DataSet, Fold
from training.benchmark.kept import answered


@pytest.fixture
def data() -> DataSet:
    features = pd.DataFrame({"x": np.arange(6.0), "kind": ["a", "b", "a", None, "b", "b"]})
    return DataSet("kept", features, np.arange(6) % 2 == 0, np.arange(6))


def test_the_very_same_is_answered_once(data: DataSet, tmp_path: Path) -> None:
    fold = Fold(*np.split(np.arange(6), [3, 4]))
    asked: list[Fold] = []

    def entrant(data: DataSet, fold: Fold) -> np.ndarray:
        asked.append(fold)
        return np.full(len(fold.test), len(asked) / 10)

    first = answered(tmp_path, "model", data, fold, entrant)
    again = answered(tmp_path, "model", data, fold, entrant)
    assert first[0].tolist() == again[0].tolist() == [0.1, 0.1]
    assert first[1] == again[1]
    turned = replace(data, default=~data.default)
    other_column = replace(data, features=data.features.assign(x=0.0))
    fewer = Fold(fold.train, fold.calibrate, fold.test[:1])
    shifted = Fold(*np.split(np.arange(6), [3, 5]))
    for model, changed, part in (
        ("other", data, fold),
        ("model", turned, fold),
        ("model", other_column, fold),
        ("model", data, fewer),
        ("model", data, shifted),
    ):
        answered(tmp_path, model, changed, part, entrant)
    assert len(asked) == 6


def test_nothing_is_kept_without_a_folder(data: DataSet) -> None:
    fold = Fold(*np.split(np.arange(6), [3, 4]))
    draws = iter(np.random.default_rng(0).random((2, 2)))
    found = [answered(None, "m", data, fold, lambda *_: next(draws))[0] for _ in range(2)]
    assert not np.array_equal(*found)
