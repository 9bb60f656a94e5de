import logging

import lightgbm as lgb
import numpy as np
import pytest

from models.drivers.booster_text import read_booster
from models.drivers.driver_check import LightGBMTrees, Reference, checked_trees
from models.drivers.drivers import Trees

QUIET = {"verbose": -1, "num_threads": 1, "objective": "binary", "min_data_in_leaf": 2}


@pytest.fixture(scope="module")
def text():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(200, 3))
    X[::7, 1] = np.nan
    y = (X[:, 0] + draw.normal(size=200) > 0).astype(float)
    return lgb.train(QUIET, lgb.Dataset(X, y), 5).model_to_string()


@pytest.fixture
def broken_kernel(monkeypatch):
    exact = Trees.contributions
    monkeypatch.setattr(Trees, "contributions", lambda trees, X: exact(trees, X) + 2e-9)


def test_the_kernel_serves_when_it_agrees(text, caplog):
    assert isinstance(checked_trees(text, Reference.of(text)), Trees)
    assert not caplog.records


def test_lightgbm_serves_with_a_warning_when_the_kernel_differs(text, broken_kernel, caplog):
    reference = Reference.of(text)
    with caplog.at_level(logging.WARNING):
        trees = checked_trees(text, reference)
    assert isinstance(trees, LightGBMTrees)
    assert "using its pred_contrib" in caplog.text
    X = reference.rows[:3]
    np.testing.assert_array_equal(trees.contributions(X), reference.answers[:3, :-1])
    assert trees.expected_value == reference.answers[0, -1]
    assert trees.feature_names == ("Column_0", "Column_1", "Column_2")


def test_a_text_altered_after_saving_is_refused(text):
    reference = Reference.of(text)
    value = text.split("leaf_value=")[1].split()[0]
    with pytest.raises(ValueError, match="altered since it was saved"):
        checked_trees(text.replace(value, "9.5", 1), reference)


def test_reference_rows_stand_on_thresholds_and_leave_some_missing(text):
    rows = Reference.of(text).rows
    first = [tree.threshold[tree.feature == 0] for tree in read_booster(text)[1]]
    assert np.isin(rows[:, 0], np.concatenate(first)).any()
    assert np.isnan(rows).any()
    np.testing.assert_array_equal(rows, Reference.of(text).rows)


def test_reference_comes_back_to_the_bit(text, tmp_path):
    reference = Reference.of(text)
    reference.save(tmp_path / "reference.json")
    loaded = Reference.load(tmp_path / "reference.json")
    assert loaded.digest == reference.digest
    assert loaded.answers.tobytes() == reference.answers.tobytes()
    np.testing.assert_array_equal(loaded.rows, reference.rows)
