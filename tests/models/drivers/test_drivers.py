import os
from itertools import combinations
from math import factorial

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.drivers import tables
from models.drivers.booster_text import read_booster
from models.drivers.drivers import Trees

QUIET = {"verbose": -1, "num_threads": 1, "seed": 0, "deterministic": True}
STUMP = """tree
num_tree_per_iteration=1
feature_names=delay
tree_sizes=1

Tree=0
num_leaves=2
num_cat=0
split_feature=0
threshold=30
decision_type={decision}
left_child=-1
right_child=-2
leaf_value=-1 2
leaf_count={counts}

end of trees
"""


@pytest.fixture(params=[tables.MOST_BYTES, 1000, 0], ids=["looked up", "mixed", "walked"])
def way(request, monkeypatch):
    """Small trees looked up, some of them, none."""
    monkeypatch.setattr(tables, "MOST_BYTES", request.param)


def grow(X, y, rounds=8, **params):
    """A booster of `y` on `X`, and its kernel."""
    data = lgb.Dataset(X, y, params={"min_data_in_bin": 1, **params})
    booster = lgb.train(
        {"objective": "binary", "min_data_in_leaf": 2} | QUIET | params, data, rounds
    )
    return booster, Trees.from_text(booster.model_to_string())


def sample(rows, features, seed=0, missing=0.15, zeros=0.2):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(rows, features)).round(1)
    X[draw.random(X.shape) < zeros] = 0.0
    signal = X[:, 0] - X[:, -1] + X[:, 0] * X[:, features // 2]
    X[draw.random(X.shape) < missing] = np.nan
    return X, (signal + draw.normal(size=rows) > 0.5).astype(float)


def assert_exact(booster, trees, X):
    answers = booster.predict(X, pred_contrib=True)
    np.testing.assert_allclose(trees.contributions(X), answers[:, :-1], rtol=0, atol=1e-9)
    np.testing.assert_allclose(trees.expected_value, answers[0, -1], rtol=0, atol=1e-9)


def test_stump_by_hand(way):
    trees = Trees.from_text(STUMP.format(decision=2, counts="30 10"))
    assert trees.expected_value == -0.25
    assert trees.contributions([[30.0], [30.1]]) == pytest.approx(np.array([[-0.75], [2.25]]))


def test_two_features_share_an_interaction_evenly(way):
    # y = 4 where both exceed zero, on a balanced square: each gets half of 4 - 1.
    X = np.array([[a, b] for a in (-1.0, 1.0) for b in (-1.0, 1.0)] * 50)
    y = 4.0 * (X > 0).all(axis=1)
    _, trees = grow(X, y, 1, objective="regression", learning_rate=1.0, lambda_l2=0.0)
    expected = [[0.5, -1.5], [-1.5, 0.5], [1.5, 1.5], [-0.5, -0.5]]
    rows = [[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0], [-1.0, -1.0]]
    assert trees.expected_value == pytest.approx(1.0)
    np.testing.assert_allclose(trees.contributions(rows), expected, atol=1e-12)


def shapley_by_definition(text, row):
    """All coalitions: a known feature sends the row its way, an unknown one splits it by cover."""
    names, trees = read_booster(text)

    def value(tree, known, slot=0):
        splits = len(tree.feature)
        if slot >= splits:
            return tree.value[slot - splits], tree.cover[slot - splits]
        branches = [value(tree, known, child[slot]) for child in (tree.left, tree.right)]
        (left, n_left), (right, n_right) = branches
        if tree.feature[slot] in known:
            x = row[tree.feature[slot]]
            missing = np.isnan(x) and tree.missing[slot] == 2
            low = (
                not tree.missing_right[slot]
                if missing
                else np.nan_to_num(x) <= tree.threshold[slot]
            )
            return (left if low else right), n_left + n_right
        return (left * n_left + right * n_right) / (n_left + n_right), n_left + n_right

    n = len(names)
    phi = np.zeros(n)
    for j in range(n):
        others = [k for k in range(n) if k != j]
        for size in range(n):
            weight = factorial(size) * factorial(n - size - 1) / factorial(n)
            for known in combinations(others, size):
                gain = sum(value(t, {*known, j})[0] - value(t, known)[0] for t in trees)
                phi[j] += weight * gain
    return phi


@pytest.mark.parametrize("leaves", [3, 12])
def test_equals_the_definition(leaves, way):
    X, y = sample(300, 4)
    booster, trees = grow(X, y, 3, num_leaves=leaves)
    expected = [shapley_by_definition(booster.model_to_string(), row) for row in X[:8]]
    np.testing.assert_allclose(trees.contributions(X[:8]), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"monotone_constraints": [1, 0, -1, 0, 0, -1], "monotone_constraints_method": "advanced"},
        {"num_leaves": 2},
        {"num_leaves": 8},
        {"num_leaves": 8, "zero_as_missing": True},
        {"num_leaves": 255, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0},
        {"bagging_freq": 1, "bagging_fraction": 0.5, "feature_fraction": 0.5},
        {"boosting": "dart"},
        {"is_unbalance": True, "extra_trees": True, "max_bin": 5},
    ],
    ids=lambda params: " ".join(params) or "plain",
)
def test_equals_lightgbm(params):
    X, y = sample(500, 6)
    booster, trees = grow(X, y, 20, **params)
    tiny = float(np.float32(1e-35))
    odd = [np.nan, 0.0, -0.0, np.inf, -np.inf, tiny, -tiny, np.nextafter(tiny, 1), 5e-324]
    odd = np.repeat(odd, 6).reshape(-1, 6)
    assert_exact(booster, trees, np.vstack([X, odd, X * np.pi]))


def test_missing_in_serving_alone_is_read_as_lightgbm_reads_it(way):
    X, y = sample(400, 5, missing=0.0)
    booster, trees = grow(X, y)
    assert_exact(booster, trees, sample(100, 5, seed=1, missing=0.5)[0])


@pytest.mark.filterwarnings("ignore:LightGBM binary classifier with TreeExplainer")
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap on import
def test_equals_tree_explainer(way):
    import shap

    X, y = sample(400, 6)
    booster, trees = grow(X, y, 15)
    explainer = shap.TreeExplainer(booster)
    np.testing.assert_allclose(trees.contributions(X), explainer.shap_values(X), rtol=0, atol=1e-9)


@pytest.mark.filterwarnings("ignore:LightGBM binary classifier with TreeExplainer")
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap on import
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), leaves=st.integers(2, 40), rounds=st.integers(1, 40))
def test_equals_tree_explainer_on_boosters_of_any_size(seed, leaves, rounds):
    import shap

    X, y = sample(300, 5, seed)
    booster, trees = grow(X, y, rounds, num_leaves=leaves, min_data_in_leaf=3)
    answers = trees.contributions(X)
    expected = shap.TreeExplainer(booster).shap_values(X)
    np.testing.assert_allclose(answers, expected, rtol=0, atol=1e-9)
    assert trees.contributions(X[7:8]).tobytes() == answers[7:8].tobytes()


def test_paths_of_more_than_sixteen_features():
    draw = np.random.default_rng(0)
    X = (draw.random((4000, 24)) < 0.85).astype(float)
    y = X.argmin(axis=1).astype(float)  # the first feature that fails: one long chain
    booster, trees = grow(
        X, y, 2, objective="regression", num_leaves=24, min_data_in_leaf=1, learning_rate=1.0
    )
    assert len(trees.large.passes) > booster.num_trees()
    assert_exact(booster, trees, X[:200])


def test_constant_and_empty_boosters(way):
    X, y = sample(50, 3)
    for labels in (np.zeros(50), y):
        booster, trees = grow(X, labels, 3, min_data_in_leaf=40)
        assert_exact(booster, trees, X)
    empty = booster.model_to_string(num_iteration=1, start_iteration=9)
    assert not Trees.from_text(empty).contributions(X).any()


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10**6),
    features=st.integers(1, 6),
    rows=st.integers(10, 300),
    leaves=st.integers(2, 40),
    missing=st.sampled_from([0.0, 0.1, 0.7]),
    zero_as_missing=st.booleans(),
)
def test_contributions_add_up_to_the_raw_score(
    seed, features, rows, leaves, missing, zero_as_missing
):
    X, y = sample(rows, features, seed, missing)
    booster, trees = grow(X, y, 4, num_leaves=leaves, zero_as_missing=zero_as_missing)
    raw = booster.predict(X, raw_score=True)
    total = trees.expected_value + trees.contributions(X).sum(axis=1)
    np.testing.assert_allclose(total, raw, rtol=0, atol=1e-9)
    assert_exact(booster, trees, X)


@pytest.mark.parametrize("counts", ["0 0", "0 7", "7 0"])
def test_splits_that_no_training_row_reached_still_add_up(counts, way):
    trees = Trees.from_text(STUMP.format(decision=2, counts=counts))
    total = trees.expected_value + trees.contributions([[0.0], [99.0]])
    np.testing.assert_allclose(total, [[-1.0], [2.0]], atol=1e-12)


@pytest.mark.parametrize(
    ("missing_type", "left", "expected"),
    [
        (0, True, [-1.0, -1.0, 2.0]),  # NaN and zero are zero
        (0, False, [-1.0, -1.0, 2.0]),
        (1, True, [-1.0, -1.0, 2.0]),  # both are missing
        (1, False, [2.0, 2.0, 2.0]),
        (2, True, [-1.0, -1.0, 2.0]),  # NaN alone is missing
        (2, False, [2.0, -1.0, 2.0]),
    ],
)
def test_where_missing_goes(missing_type, left, expected, way):
    decision = missing_type << 2 | left << 1
    trees = Trees.from_text(STUMP.format(decision=decision, counts="1 1"))
    total = trees.expected_value + trees.contributions([[np.nan], [0.0], [31.0]])[:, 0]
    np.testing.assert_allclose(total, expected, atol=1e-12)


@pytest.mark.parametrize("leaves", [8, 31])
def test_a_row_has_the_same_bits_alone_in_a_batch_and_on_any_number_of_threads(
    leaves, way, monkeypatch
):
    X, y = sample(700, 6)
    _, trees = grow(X, y, 30, num_leaves=leaves)
    batch = trees.contributions(X)
    for cores in (1, 2, 3, 64):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: range(cores))
        assert trees.contributions(X).tobytes() == batch.tobytes()
    alone = np.vstack([trees.contributions(X[i : i + 1]) for i in range(100)])
    assert alone.tobytes() == batch[:100].tobytes()


def test_layout_of_the_rows_does_not_matter():
    X, y = sample(80, 4)
    _, trees = grow(X, y)
    expected = trees.contributions(X)
    frozen = X.copy()
    frozen.flags.writeable = False
    wide = np.zeros((80, 8))
    wide[:, ::2] = X
    for rows in (np.asfortranarray(X), frozen, wide[:, ::2], X.tolist()):
        assert trees.contributions(rows).tobytes() == expected.tobytes()
    assert trees.contributions(X[:0]).shape == (0, 4)


@pytest.mark.parametrize("shape", [(3,), (2, 5), (1, 2, 6)])
def test_rows_of_another_shape_are_refused(shape):
    X, y = sample(80, 6)
    _, trees = grow(X, y)
    with pytest.raises(ValueError, match=r"X must be \(n, 6\)"):
        trees.contributions(np.zeros(shape))
