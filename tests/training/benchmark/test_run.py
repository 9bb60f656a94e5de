import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from sklearn.metrics import roc_auc_score

from training.benchmark.data_set import DataSet
from training.benchmark.folds import grouped
from training.benchmark.page import table, write
from training.benchmark.run import ALTMAN, MODELS, ORACLE, OURS, Outcome, compete
from training.benchmark.table import table_set
from training.config import FitSettings

QUICK = FitSettings(max_trees=60, folds=3, min_data_in_leaf=10)


@pytest.fixture(scope="module")
def outcome(loans: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """All models, their names said before the first fold and after each."""
    path = tmp_path_factory.mktemp("loans") / "loans.parquet"
    loans.to_parquet(path)
    said: list[tuple[str, int]] = []
    data = table_set(path, label="y", group="firm", folds=2)
    found = compete(data, on_fold=lambda name, done: said.append((name, done)))
    assert said == [(name, done) for name in found.measured for done in (0, 1, 1)]
    return found


def test_every_model_answers_the_same_rows(outcome: Outcome) -> None:
    assert set(outcome.measured) == {*MODELS} - {ALTMAN, ORACLE}
    default = outcome.data.default[outcome.data.tested]
    for name, probability in outcome.answers.items():
        assert probability.shape == default.shape
        assert 0 <= probability.min() <= probability.max() <= 1
        assert roc_auc_score(default, probability) > 0.6, name


def test_ours_less_another_is_the_difference_of_their_aucs(outcome: Outcome) -> None:
    mine = outcome.measured[OURS]
    assert mine.behind is None
    for name, theirs in outcome.measured.items():
        if name != OURS:
            assert theirs.behind.value == pytest.approx(mine.auc.value - theirs.auc.value)
            assert theirs.behind.low < theirs.behind.value < theirs.behind.high


def test_screen_page_and_json_tell_the_same(outcome: Outcome, tmp_path: Path) -> None:
    console = Console(width=80, record=True)
    console.print(table(outcome))
    shown = console.export_text()
    assert max(map(len, shown.splitlines())) <= 80
    write([outcome], tmp_path)
    (told,) = json.loads((tmp_path / "models.json").read_text())
    page = (tmp_path / "models.html").read_text()
    assert 'src="http' not in page
    for name, m in outcome.measured.items():
        assert told["models"][name]["auc"][0] == m.auc.value
        assert f"{m.auc.value:.4f}" in shown
        assert f"{m.auc.value:.4f}" in page
    assert told["test_defaults"] == int(outcome.data.default.sum())


def test_the_oracle_and_altman_compete_where_they_can() -> None:
    draw, n = np.random.default_rng(1), 600
    x = draw.normal(size=n)
    truth = 1 / (1 + np.exp(2 - 2 * x))
    default = draw.random(n) < truth
    data = DataSet(
        "drawn",
        pd.DataFrame({"x": x, "noise": draw.normal(size=n)}),
        default,
        np.arange(n),
        grouped(default, np.arange(n), 2),
        settings=QUICK,
        signs={"x": 1},
        z_score=np.where(draw.random(n) < 0.1, np.nan, -x),
        truth=truth,
    )
    found = compete(data, [OURS, ALTMAN, ORACLE]).measured
    assert found[ORACLE].truth_error == 0
    assert found[ORACLE].auc.value > found[ALTMAN].auc.value > 0.7
    assert found[OURS].truth_error < 0.06
    assert 0.5 < found[OURS].slope < 2
