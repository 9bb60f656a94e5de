"""Drivers are checked against LightGBM's own, and give way to them where they differ.

A bundle carries a few rows with LightGBM's answer to each, so that the check at load needs no
lightgbm; only the fall-back imports it.
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from models.drivers.booster_text import read_booster
from models.drivers.drivers import Matrix, Trees

TOLERANCE = 1e-9  # log-odds
ROWS = 8

log = logging.getLogger(__name__)


class LightGBMTrees:
    """The fall-back: the same answers as `Trees`, from `pred_contrib`, thirty times slower."""

    def __init__(self, text: str) -> None:
        from lightgbm import Booster  # noqa: PLC0415  seconds to import, rarely needed

        self._booster = Booster(model_str=text)
        self.feature_names = tuple(self._booster.feature_name())
        self.expected_value = float(self.answers(np.zeros((1, len(self.feature_names))))[0, -1])

    def answers(self, X: ArrayLike) -> Matrix:
        """Contributions and, in the last column, the expected value: shape (n, features + 1)."""
        return np.asarray(self._booster.predict(np.array(X, np.float64), pred_contrib=True))

    def contributions(self, X: ArrayLike) -> Matrix:
        """φ in log-odds, in the shape (n, features) of `X`."""
        return self.answers(X)[:, :-1]


@dataclass(frozen=True, eq=False)
class Reference:
    """Rows (n, features) and LightGBM's answers (n, features + 1), the expected value last; and
    the SHA-256 of the booster text they are for."""

    digest: str
    rows: Matrix
    answers: Matrix

    @classmethod
    def of(cls, text: str) -> "Reference":
        """Rows that try features on and just above their thresholds, at zero and missing,
        answered by lightgbm."""
        names, trees = read_booster(text)
        features = np.concatenate([np.empty(0, int), *(tree.feature for tree in trees)])
        thresholds = np.concatenate([np.empty(0), *(tree.threshold for tree in trees)])
        draw = np.random.default_rng(0)
        rows = np.empty((ROWS, len(names)))
        for j in range(len(names)):
            edges = thresholds[(features == j) & np.isfinite(thresholds)]
            values = np.concatenate([edges, np.nextafter(edges, np.inf), [0.0]])
            rows[:, j] = draw.choice(values, ROWS)
        rows[draw.random(rows.shape) < 0.2] = np.nan
        return cls(_digest(text), rows, LightGBMTrees(text).answers(rows))

    def agrees(self, trees: Trees) -> bool:
        """Whether the answers of `trees` are LightGBM's, to 1e-9."""
        gaps = trees.contributions(self.rows) - self.answers[:, :-1]
        base_gap = trees.expected_value - self.answers[:, -1]
        return bool((np.abs(gaps) <= TOLERANCE).all() and (np.abs(base_gap) <= TOLERANCE).all())

    def save(self, path: Path) -> None:
        """Write JSON; a missing value is null."""
        rows = [[None if np.isnan(x) else x for x in row] for row in self.rows.tolist()]
        saved = {"booster": self.digest, "rows": rows, "answers": self.answers.tolist()}
        path.write_text(json.dumps(saved) + "\n")

    @classmethod
    def load(cls, path: Path) -> "Reference":
        """Read what `save` wrote, to the bit."""
        saved = json.loads(path.read_text())
        rows, answers = (np.array(saved[key], np.float64) for key in ("rows", "answers"))
        return cls(saved["booster"], rows, answers)


def checked_trees(text: str, reference: Reference) -> Trees | LightGBMTrees:
    """The kernel's trees if they agree with the reference, else LightGBM's, with a warning.

    ValueError if the text is not the one the reference is for: LightGBM aborts the whole process
    on an altered text, so it must not see one.
    """
    if _digest(text) != reference.digest:
        raise ValueError("booster text was altered since it was saved; save the model again")
    trees = Trees.from_text(text)
    if reference.agrees(trees):
        return trees
    log.warning("drivers differ from LightGBM's by more than %g: using its pred_contrib", TOLERANCE)
    return LightGBMTrees(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
