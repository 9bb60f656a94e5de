"""Drivers: exact, path-dependent SHAP values of a LightGBM booster, without lightgbm."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from features.parallel import over_slices
from models.drivers.booster_text import Matrix, read_booster, shares
from models.drivers.tables import Tables, small_and_large
from models.drivers.walk import Walk

ROWS_TO_SHARE = 64  # fewer are not worth starting threads


@dataclass(frozen=True, eq=False)
class Trees:
    """A booster, its small trees looked up and the others walked: its raw score is
    `expected_value` + contributions."""

    feature_names: tuple[str, ...]
    expected_value: float
    small: Tables
    large: Walk

    @classmethod
    def from_text(cls, text: str) -> "Trees":
        """Read `booster.txt`; ValueError where it is damaged or not covered (`read_booster`)."""
        names, trees = read_booster(text)
        expected_value = sum((shares(tree)[1] for tree in trees), 0.0)
        small, large = small_and_large(trees)
        tables, walk = Tables.of(small, len(names)), Walk.of(large, len(names))
        return cls(names, expected_value, tables, walk)

    def contributions(self, X: ArrayLike) -> Matrix:
        """φ in log-odds for rows `X` (n, features), in that shape; NaN is missing.

        A row's bits depend neither on the rows beside it nor on the number of threads.
        """
        rows = np.require(X, np.float64, ["C", "A", "W", "E"])  # so one compiled kernel
        if rows.ndim != 2 or rows.shape[1] != len(self.feature_names):
            raise ValueError(f"X must be (n, {len(self.feature_names)}), got {rows.shape}")
        out = np.zeros(rows.shape)
        over_slices(lambda part: self._add(rows[part], out[part]), len(rows), ROWS_TO_SHARE)
        return out

    def _add(self, rows: Matrix, out: Matrix) -> None:
        self.small.add(rows, out)
        self.large.add(rows, out)
