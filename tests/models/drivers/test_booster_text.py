import re

import lightgbm as lgb
import numpy as np
import pytest

from models.drivers.booster_text import read_booster

QUIET = {"verbose": -1, "num_threads": 1, "objective": "binary", "min_data_in_leaf": 2}


@pytest.fixture(scope="module")
def data():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(200, 3))
    X[::7, 1] = np.nan
    return X, (X[:, 0] + draw.normal(size=200) > 0).astype(float)


@pytest.fixture(scope="module")
def text(data):
    X, y = data
    return lgb.train(QUIET, lgb.Dataset(X, y, feature_name=["a", "b", "c"]), 3).model_to_string()


def test_reads_names_and_every_tree(text):
    names, trees = read_booster(text)
    assert names == ("a", "b", "c")
    assert len(trees) == 3
    for tree in trees:
        assert len(tree.value) == len(tree.threshold) + 1
        assert tree.cover.sum() == 200
    assert {int(missing) for missing in trees[0].missing[trees[0].feature == 1]} <= {2}


def replace_first(key, value):
    def edit(text):
        edited, n = re.subn(rf"(?m)^{key}=.*$", f"{key}={value}", text, count=1)
        assert n == 1
        return edited

    return edit


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda text: text[: len(text) // 2], "cut short"),
        (lambda text: text.replace("\nTree=1", "\nTwig=1"), "cut short"),
        (lambda text: "", "cut short"),
        (replace_first("threshold", "0.1 0.2"), "tree 0: threshold must hold"),
        (lambda text: re.sub(r"threshold=\S+", "threshold=nan", text), "threshold must hold"),
        (lambda text: re.sub(r"leaf_value=\S+", "leaf_value=1,5", text), "tree 0: .*1,5"),
        (lambda text: re.sub(r"leaf_value=\S+", "leaf_value=inf", text), "leaf_value"),
        (lambda text: re.sub(r"leaf_count=\S+", "leaf_count=-1", text), "leaf_count"),
        (lambda text: re.sub(r"split_feature=\S+", "split_feature=3", text), "outside the 3"),
        (lambda text: re.sub(r"decision_type=\S+", "decision_type=14", text), "missing type"),
        (lambda text: re.sub(r"left_child=\S+", "left_child=0", text), "do not form a tree"),
        (lambda text: re.sub(r"right_child=\S+", "right_child=9999", text), "do not form a tree"),
        (lambda text: re.sub(r"\nleaf_count=.*", "", text), "tree 0: 'leaf_count'"),
    ],
)
def test_damaged_text_is_refused(text, damage, complaint):
    with pytest.raises(ValueError, match=complaint):
        read_booster(damage(text))


def test_a_child_before_its_parent_is_refused(text):
    block = text[text.index("Tree=0") : text.index("Tree=1")]
    splits = len(re.search(r"threshold=(.*)", block)[1].split())
    # Splits 1 and 2 hold each other: every slot has one parent, yet they hang from nothing.
    left = ["-1", "2", "1"] + [str(~k) for k in range(2, splits - 1)]
    right = [str(~k) for k in range(splits - 1, 2 * splits)]
    slots = {int(c) if int(c) >= 0 else splits + ~int(c) for c in left + right[:splits]}
    assert len(slots) == 2 * splits
    damaged = replace_first("left_child", " ".join(left))(text)
    damaged = replace_first("right_child", " ".join(right[:splits]))(damaged)
    with pytest.raises(ValueError, match=r"form a tree|before its parent"):
        read_booster(damaged)


@pytest.mark.parametrize(
    "params",
    [
        {"categorical_feature": [0], "min_data_per_group": 1, "max_cat_to_onehot": 1},
        {"linear_tree": True},
        {"objective": "multiclass", "num_class": 3},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
    ],
    ids=["categorical", "linear", "multiclass", "random forest"],
)
def test_what_drivers_do_not_cover_is_refused(data, params):
    X, y = data
    X = np.column_stack([np.arange(200) % 5, X[:, 1:]])
    y = np.arange(200) % 3 if "num_class" in params else (X[:, 0] == 2).astype(float)
    params = dict(params)
    categorical = params.pop("categorical_feature", "auto")
    train = lgb.Dataset(X, y, categorical_feature=categorical, params={"verbose": -1} | params)
    booster = lgb.train(QUIET | params, train, 2)
    with pytest.raises(ValueError, match="train with numerical features"):
        read_booster(booster.model_to_string())
