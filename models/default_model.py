"""The default model: a LightGBM booster and an affine calibration of its log-odds.

An affine map keeps drivers additive: base + Σ contributions is the log-odds of the probability
served. Floors and ceilings of the master scale are not applied here, for the same reason.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from models.drivers.driver_check import LightGBMTrees, Reference, checked_trees
from models.drivers.drivers import Matrix, Trees

if TYPE_CHECKING:
    from lightgbm import Booster


@dataclass(frozen=True, eq=False)
class DefaultModel:
    """log-odds of default = intercept + slope · raw score of the trees.

    Recalibrate with `dataclasses.replace(model, slope=…, intercept=…)`.
    """

    trees: Trees | LightGBMTrees
    slope: float
    intercept: float
    booster_text: str
    reference: Reference

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and self.slope > 0 and np.isfinite(self.intercept)):
            raise ValueError(
                f"slope must be positive and intercept finite, got {self.slope} and "
                f"{self.intercept}; a model that ranks backwards cannot be calibrated"
            )

    @classmethod
    def from_booster(
        cls, booster: "Booster", slope: float = 1.0, intercept: float = 0.0
    ) -> "DefaultModel":
        """The model of a trained booster; ValueError where drivers cannot be exact."""
        text = booster.model_to_string()
        reference = Reference.of(text)
        return cls(checked_trees(text, reference), slope, intercept, text, reference)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Columns of `X`, in order."""
        return self.trees.feature_names

    def drivers(self, X: ArrayLike) -> tuple[float, Matrix]:
        """Base and contributions (n, features), in log-odds; positive raises the probability.

        `expit(base + contributions.sum(axis=1))` is `default_probability(X)`, to the bit.
        """
        base = self.intercept + self.slope * self.trees.expected_value
        contributions = self.trees.contributions(X)
        contributions *= self.slope
        return base, contributions

    def log_odds(self, X: ArrayLike) -> Matrix:
        """Log-odds of default of rows (n, features), NaN for missing; shape (n,)."""
        base, contributions = self.drivers(X)
        return base + contributions.sum(axis=1)

    def default_probability(self, X: ArrayLike) -> Matrix:
        """Probability of default within the horizon, in (0, 1); shape (n,)."""
        return expit(self.log_odds(X))

    def save(self, directory: Path) -> None:
        """Write booster.txt, calibration.json and reference.json: text, no pickle."""
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "booster.txt").write_text(self.booster_text)
        calibration = {"slope": float(self.slope), "intercept": float(self.intercept)}
        (directory / "calibration.json").write_text(json.dumps(calibration) + "\n")
        self.reference.save(directory / "reference.json")

    @classmethod
    def load(cls, directory: Path) -> "DefaultModel":
        """Read what `save` wrote; the drivers are checked against the reference answers."""
        text = (directory / "booster.txt").read_text()
        calibration = json.loads((directory / "calibration.json").read_text())
        reference = Reference.load(directory / "reference.json")
        trees = checked_trees(text, reference)
        return cls(trees, **calibration, booster_text=text, reference=reference)
