from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from training.benchmark import choice
from training.benchmark.choice import CANDIDATES, choose, pair_features, with_pairs
from training.benchmark.ours import column_feature
from training.pairs import Pair

FEATURES = [column_feature(f"column_{i}", 0) for i in range(4)]
ALONE, QUOTIENT = "alone", "quotient"
LOG_ODDS = {
    ALONE: lambda x: 3 * x[:, 2],
    QUOTIENT: lambda x: 30 * (x[:, 0] / np.exp(x[:, 1]) > 0.7) - 15,
}


@pytest.mark.parametrize(("signal", "rows"), [(ALONE, 300), (QUOTIENT, 600)])
def test_the_data_decide_on_trees_and_pairs(
    signal: str, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tuple(replace(candidate, max_trees=100) for candidate in CANDIDATES)
    monkeypatch.setattr(choice, "CANDIDATES", few)
    draw = np.random.default_rng(0)
    matrix = draw.normal(size=(rows, 4))
    default = draw.random(rows) < expit(LOG_ODDS[signal](matrix))
    matrix[:, 1] = np.exp(matrix[:, 1])
    chosen = choose(matrix, default, draw.random(rows), features=FEATURES)
    assert (Pair(0, 1, "quotient") in chosen.pairs) is (signal == QUOTIENT)
    assert bool(chosen.pairs) is (signal == QUOTIENT)


def test_pairs_stand_to_the_right() -> None:
    matrix, pairs = np.ones((5, 4)), (Pair(0, 1, "quotient"),)
    assert with_pairs(matrix, pairs).shape == (5, 5)
    assert len(pair_features(FEATURES, pairs)) == 5
    assert with_pairs(matrix, ()) is matrix
