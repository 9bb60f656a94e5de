import numpy as np
import pytest
from scipy.special import expit

from training.benchmark.choice import CANDIDATES, choose
from training.benchmark.ours import column_feature

FEATURES = [column_feature(f"column_{i}", 0) for i in range(4)]


@pytest.mark.parametrize(
    ("rows", "signal"),
    [(300, lambda x: x.sum(axis=1)), (6000, lambda x: 6 * np.prod(np.sign(x), axis=1))],
)
def test_small_and_additive_takes_small_trees_and_interaction_large_ones(rows, signal) -> None:
    draw = np.random.default_rng(0)
    matrix = draw.normal(size=(rows, 4))
    default = draw.random(rows) < expit(signal(matrix))
    chosen = choose(matrix, default, draw.random(rows), features=FEATURES)
    assert (chosen == CANDIDATES[0]) is (rows == 300)
