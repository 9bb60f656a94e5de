"""A portfolio generated once for all tests, and what is learned from it."""

from pathlib import Path

import numpy as np
import pytest

from features.facts import Facts
from features.tables import read_tables
from training.config import TrainingConfig
from training.economy.economy import generate
from training.history import History
from training.sample import Sample, assemble
from training.train import TrainingResult, train


@pytest.fixture(scope="session")
def portfolio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two thousand generated buyers over five years, to the end of 2025."""
    folder = tmp_path_factory.mktemp("portfolio")
    generate(buyers=2000, years=5, seed=3, out=folder)
    return folder


@pytest.fixture(scope="session")
def config() -> TrainingConfig:
    """Half-yearly cohorts, a year's horizon, and trees that are quickly grown."""
    return TrainingConfig.of(
        {
            "cohort": {
                "rule": "grid",
                "first": "2021-12-31",
                "last": "2024-12-31",
                "every_months": 6,
            },
            "label": {"default_is": ["insolvency_opened", "protracted_default"]},
            "split": {
                "train_until": "2022-12-31",
                "calibrate_until": "2023-12-31",
                "test_until": "2024-12-31",
            },
            "fit": {"max_trees": 40, "folds": 0, "num_leaves": 8},
        }
    )


@pytest.fixture(scope="session")
def sample(portfolio: Path, config: TrainingConfig) -> Sample:
    """What `trained` learned from."""
    return assemble(Facts.of(read_tables(portfolio), config.currency), config)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bundle of `trained` is."""
    return tmp_path_factory.mktemp("model") / "bundle"


@pytest.fixture(scope="session")
def trained(portfolio: Path, config: TrainingConfig, bundle: Path) -> TrainingResult:
    """A model of the portfolio, not registered."""
    return train(portfolio, config, out=bundle, register=False)


@pytest.fixture(scope="session")
def economy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small economy over six years."""
    folder = tmp_path_factory.mktemp("economy")
    generate(buyers=3000, years=6, seed=7, out=folder)
    return folder


@pytest.fixture(scope="session")
def three_buyers() -> History:
    """A, granted in full, is sound; B, cut to a quarter, defaults owing 80; C is refused."""
    return History(
        buyer=np.array([0, 1, 2]),
        as_of=np.zeros(3, np.int32),
        default=np.array([False, True, False]),
        need=np.array([100.0, 100.0, 200.0]),
        limit=np.array([100.0, 25.0, 0.0]),
        net_worth=np.array([500.0, 2_000.0, np.nan]),
        loss_given_default=np.full(3, 0.5),
        sales=np.array([1_000.0, 1_000.0, 2_000.0]),
        owed=np.array([0.0, 80.0, 0.0]),
        currency="EUR",
        assumption="by hand",
    )
