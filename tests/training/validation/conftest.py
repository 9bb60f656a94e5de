"""One case for all sections: the small trained model on its own test slice, refits kept small."""

from pathlib import Path

import pytest

from training.config import TrainingConfig
from training.sample import Sample
from training.train import TrainingResult
from training.validation import refits
from training.validation.case import Case


@pytest.fixture(scope="session", autouse=True)
def small_refits() -> None:
    """So that they cost a tenth of a second each."""
    refits.ROWS = 3000
    refits.TREES = 25


@pytest.fixture(scope="session")
def case(trained: TrainingResult, portfolio: Path, config: TrainingConfig, sample: Sample) -> Case:
    """The model of `trained`, judged where it was tested."""
    return Case.of(trained.model, portfolio, config, sample=sample)
