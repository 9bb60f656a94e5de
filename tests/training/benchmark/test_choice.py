from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from training.benchmark import choice
from training.benchmark.choice import CANDIDATES, Columns, Made, choose
from training.benchmark.ours import column_feature
from training.pairs import Pair

FEATURES = [column_feature(f"column_{i}", 0) for i in range(4)]
NOTHING = np.zeros(0, np.int64)
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
    columns = Columns(matrix, None, FEATURES)
    chosen = choose(columns, default, draw.random(rows), np.arange(rows), NOTHING)
    assert (Pair(0, 1, "quotient") in chosen.made.pairs) is (signal == QUOTIENT)
    assert bool(chosen.made.pairs) is (signal == QUOTIENT)
    assert chosen.settings.folds


def test_with_dates_the_later_rows_choose(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a firm is known by helps on its later rows, and on no other firm's."""
    monkeypatch.setattr(choice, "CANDIDATES", CANDIDATES[:2])
    draw, firms, years = np.random.default_rng(0), 150, 8
    firm, year = np.repeat(np.arange(firms), years), np.tile(np.arange(years), firms)
    bad = draw.random(firms) < 0.3
    matrix = draw.normal(size=(firms, 4))[firm] + draw.normal(0, 0.01, (firms * years, 4))
    early, late = np.flatnonzero(year < 6), np.flatnonzero(year >= 6)
    columns, place = Columns(matrix, None, FEATURES), draw.random(firms)[firm]
    forward = choose(columns, bad[firm], place, early, late)
    assert forward.settings.folds == 0
    assert forward.settings.max_trees > 100


def test_the_past_is_taken_where_it_helps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "CANDIDATES", CANDIDATES[:1])
    draw, rows = np.random.default_rng(0), 900
    matrix, past = draw.normal(size=(rows, 4)), draw.normal(size=(rows, 4))
    train, later = np.arange(600), np.arange(600, rows)
    for signal, taken in ((past[:, 1], True), (matrix[:, 1], False)):
        default = draw.random(rows) < expit(3 * signal - 1)
        columns = Columns(matrix, past, FEATURES)
        found = choose(columns, default, draw.random(rows), train, later)
        assert found.made.past is taken


def test_what_is_made_stands_to_the_right() -> None:
    matrix, pairs = np.ones((5, 4)), (Pair(0, 1, "quotient"),)
    columns = Columns(matrix, np.zeros((5, 3)), FEATURES)
    whole, features = columns.with_made(Made(past=True, pairs=pairs))
    assert whole.shape == (5, 8)
    assert len({feature.name for feature in features}) == 8
    assert columns.with_made(Made())[0] is matrix
