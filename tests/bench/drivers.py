"""Probability and drivers: the kernel against shap's TreeExplainer and LightGBM's pred_contrib.

400 trees of 31 leaves, 80 features, 14 % missing; every side on all cores.
"""

import warnings

import lightgbm as lgb
import numpy as np
import shap
from numpy.typing import NDArray

from models.default_model import DefaultModel
from tests.bench.table import Result, publish, seconds

ROWS, FEATURES, TREES = 20_000, 80, 400
SLOPE, INTERCEPT = 0.9, -0.2


def sample() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features of which half matter, counts among them, and a rare outcome."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(3 * ROWS, FEATURES))
    X[:, 40:60] = np.round(2 * X[:, 40:60])
    weights = draw.normal(size=FEATURES) * (draw.random(FEATURES) < 0.5)
    log_odds = -4 + 0.3 * X @ weights + np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
    X[draw.random(X.shape) < 0.14] = np.nan
    return X, (draw.random(len(X)) < 1 / (1 + np.exp(-log_odds))).astype(float)


def grow(X: NDArray, y: NDArray) -> lgb.Booster:
    """The booster all sides explain."""
    params = {"objective": "binary", "num_leaves": 31, "learning_rate": 0.03, "seed": 0}
    return lgb.train(params | {"min_data_in_leaf": 50, "verbose": -1}, lgb.Dataset(X, y), TREES)


def main() -> None:
    """Time one row and 20,000 rows, and publish the largest difference."""
    warnings.filterwarnings("ignore", message="LightGBM binary classifier")
    X, y = sample()
    booster = grow(X, y)
    model = DefaultModel.from_booster(booster, SLOPE, INTERCEPT)
    explainer = shap.TreeExplainer(booster)
    rows = X[:ROWS]

    def ours(X: NDArray) -> NDArray:
        base, contributions = model.drivers(X)
        return 1 / (1 + np.exp(-base - contributions.sum(axis=1)))

    def tree_explainer(X: NDArray) -> NDArray:
        total = explainer.shap_values(X).sum(axis=1) + explainer.expected_value
        return 1 / (1 + np.exp(-INTERCEPT - SLOPE * total))

    def pred_contrib(X: NDArray) -> NDArray:
        return 1 / (
            1 + np.exp(-INTERCEPT - SLOPE * booster.predict(X, pred_contrib=True).sum(axis=1))
        )

    gap = np.abs(model.drivers(rows[:2000])[1] - SLOPE * explainer.shap_values(rows[:2000])).max()
    assert gap < 1e-9, gap
    results = []
    for what, X, repeat, warmup in (("one row", rows[:1], 200, 20), (f"{ROWS:,} rows", rows, 1, 0)):
        mine = 1e6 * seconds(lambda X=X: ours(X), 5 * repeat) / len(X)
        for peer in (tree_explainer, pred_contrib):
            theirs = 1e6 * seconds(lambda X=X, peer=peer: peer(X), repeat, warmup) / len(X)
            results.append(Result(what, "µs/row", mine, theirs, peer.__name__, theirs / mine))
    results.append(Result("largest difference", "log-odds", gap, 1e-9, "allowed", 1e-9 / gap))
    publish("drivers", results)


if __name__ == "__main__":
    main()
