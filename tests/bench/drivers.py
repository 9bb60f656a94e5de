"""Probability and drivers: the kernel against shap's TreeExplainer and LightGBM's pred_contrib.

On the champion of `make demo` and its 20,000 buyers where they are there, and on drawn boosters of
small and of large trees, 80 features, 14 % missing; every side on all cores.
"""

import warnings
from datetime import date
from pathlib import Path

import lightgbm as lgb
import numpy as np
import shap
from numpy.typing import NDArray

from features.build import feature_matrix
from features.catalog import column
from features.facts import Facts
from features.options import CHAMPION, DEMO
from features.tables import read_tables
from models.default_model import DefaultModel
from tests.bench.table import Result, publish, seconds

ROWS, FEATURES = 20_000, 80
SIZES = (160, 8), (400, 31)  # trees, leaves
AS_OF = date(2025, 12, 31)


def sample() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Features of which half matter, counts among them, and a rare outcome."""
    draw = np.random.default_rng(0)
    X = draw.normal(size=(3 * ROWS, FEATURES))
    X[:, 40:60] = np.round(2 * X[:, 40:60])
    weights = draw.normal(size=FEATURES) * (draw.random(FEATURES) < 0.5)
    log_odds = -4 + 0.3 * X @ weights + np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2]
    X[draw.random(X.shape) < 0.14] = np.nan
    return X, (draw.random(len(X)) < 1 / (1 + np.exp(-log_odds))).astype(float)


def drawn(trees: int, leaves: int) -> tuple[DefaultModel, NDArray[np.float64]]:
    """A booster of drawn data, and rows to explain."""
    X, y = sample()
    params = {"objective": "binary", "num_leaves": leaves, "learning_rate": 0.03, "seed": 0}
    params |= {"min_data_in_leaf": 50, "verbose": -1}
    booster = lgb.train(params, lgb.Dataset(X, y), trees)
    return DefaultModel.from_booster(booster, slope=0.9, intercept=-0.2), X[:ROWS]


def demo(champion: Path = CHAMPION, portfolio: Path = DEMO) -> tuple[DefaultModel, NDArray]:
    """The champion and the features of its buyers."""
    model = DefaultModel.load(champion)
    facts = Facts.of(read_tables(portfolio))
    ids = facts.buyer_ids.tolist()
    matrix = feature_matrix(facts, facts.keys(ids, np.full(len(ids), AS_OF)))
    columns = [column(name) for name in model.feature_names]
    return model, np.ascontiguousarray(matrix[:ROWS, columns])


def compare(name: str, model: DefaultModel, rows: NDArray[np.float64]) -> list[Result]:
    """Times of one row and of all, and the largest difference of a driver."""
    booster = lgb.Booster(model_str=model.booster_text)
    explainer = shap.TreeExplainer(booster)
    slope, intercept = model.slope, model.intercept

    def ours(X: NDArray) -> NDArray:
        base, contributions = model.drivers(X)
        return 1 / (1 + np.exp(-base - contributions.sum(axis=1)))

    def tree_explainer(X: NDArray) -> NDArray:
        total = explainer.shap_values(X).sum(axis=1) + explainer.expected_value
        return 1 / (1 + np.exp(-intercept - slope * total))

    def pred_contrib(X: NDArray) -> NDArray:
        return 1 / (
            1 + np.exp(-intercept - slope * booster.predict(X, pred_contrib=True).sum(axis=1))
        )

    some = rows[:2000]
    gap = np.abs(model.drivers(some)[1] - slope * explainer.shap_values(some)).max()
    assert gap < 1e-9, gap
    results = []
    for what, X, repeat, warmup in (
        ("one row", rows[:1], 200, 20),
        (f"{len(rows):,} rows", rows, 1, 0),
    ):
        mine = 1e6 * seconds(lambda X=X: ours(X), 5 * repeat) / len(X)
        for peer in (tree_explainer, pred_contrib):
            theirs = 1e6 * seconds(lambda X=X, peer=peer: peer(X), repeat, warmup) / len(X)
            results.append(
                Result(f"{name}, {what}", "µs/row", mine, theirs, peer.__name__, theirs / mine)
            )
    largest = Result(f"{name}, difference", "log-odds", gap, 1e-9, "allowed", 1e-9 / gap)
    return [*results, largest]


def main() -> None:
    """Time one row and 20,000 rows, and publish the largest difference."""
    warnings.filterwarnings("ignore", message="LightGBM binary classifier")
    results = []
    if CHAMPION.is_dir() and DEMO.is_dir():
        results += compare("demo", *demo())
    for trees, leaves in SIZES:
        results += compare(f"{trees} trees × {leaves}", *drawn(trees, leaves))
    publish("drivers", results)


if __name__ == "__main__":
    main()
