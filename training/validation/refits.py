"""Refits: the recipe learned again with one thing changed, on few enough rows to be quick.

All refits share one binned data set: every default of the training slice and a draw of the others,
ROWS in all at the most, leaves made smaller in proportion. What is compared is always a refit with
a refit, of one booster (no bags). They are not calibrated: only their ranks are read.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from training.config import FitSettings
from training.fit import parameters
from training.sample import Sample

Floats = NDArray[np.float64]

ROWS = 20_000
BUYERS = 4  # refits on buyers drawn again
SEEDS = 3
LEARNING = (0.25, 0.5, 1.0)  # shares of the buyers
TREES = 400  # at the most; twice as many where a change asks for more


@dataclass(frozen=True)
class Change:
    """What is done otherwise than in the recipe; by default nothing."""

    seed: int | None = None
    monotone: bool | None = None
    without_topic: str = ""
    permuted: bool = False  # labels drawn anew among the rows
    buyers_drawn: int | None = None  # buyers drawn with replacement, by this seed
    buyers_below: float = 1.0  # only those whose place is below
    leaves: int | None = None
    trees: int | None = None


@dataclass(frozen=True, eq=False)
class Refits:
    """Refits of a recipe on the training slice of `sample`, kept once made."""

    sample: Sample
    settings: FitSettings

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Rows of the sample that are learned from."""
        train = np.flatnonzero(self.sample.slices.train)
        default = self.sample.default[train]
        others = max(ROWS - int(default.sum()), int(default.sum()))
        share = min(1.0, others / max(int((~default).sum()), 1))
        draw = np.random.default_rng(self.settings.seed).random(len(train))
        return train[default | (draw < share)]

    @cached_property
    def _made(self) -> dict[Change, lgb.Booster]:
        return {}

    @cached_property
    def _tested(self) -> dict[Change, Floats]:
        return {}

    def make(self, changes: Iterable[Change]) -> None:
        """Learn what is still missing of `changes`, two at a time."""
        missing = [change for change in dict.fromkeys(changes) if change not in self._made]
        data = self._data
        data.construct()
        with ThreadPoolExecutor(2) as pool:
            self._made.update(zip(missing, pool.map(self._learn, missing), strict=True))

    def booster(self, change: Change = Change()) -> lgb.Booster:
        """The trees learned under `change`."""
        self.make([change])
        return self._made[change]

    def test(self, change: Change = Change()) -> Floats:
        """Raw log-odds of the test slice, kept once asked for."""
        if change not in self._tested:
            self._tested[change] = self.score(np.flatnonzero(self.sample.slices.test), change)
        return self._tested[change]

    def score(self, rows: NDArray, change: Change = Change()) -> Floats:
        """Raw log-odds of rows of the sample."""
        return np.asarray(
            self.booster(change).predict(self.sample.matrix[rows], raw_score=True, num_threads=2)
        )

    @property
    def _params(self) -> dict[str, Any]:
        part = len(self.rows) / max(int(self.sample.slices.train.sum()), 1)
        leaf = max(20, round(self.settings.min_data_in_leaf * part))
        settings = replace(self.settings, min_data_in_leaf=leaf, num_threads=1)
        return parameters(settings, self.sample.features)

    @cached_property
    def _data(self) -> lgb.Dataset:
        names = [feature.name for feature in self.sample.features]
        return lgb.Dataset(
            self.sample.matrix[self.rows],
            self.sample.default[self.rows].astype(np.float64),
            feature_name=names,
            params=self._params,
            free_raw_data=False,
        )

    def _learn(self, change: Change) -> lgb.Booster:
        params = dict(self._params)
        if change.seed is not None:
            params["seed"] = change.seed
        if change.monotone is False:
            params["monotone_constraints"] = None
        if change.without_topic:  # a gain of nothing: never split on
            params["feature_contri"] = [
                float(feature.topic != change.without_topic) for feature in self.sample.features
            ]
        if change.leaves is not None:
            params["num_leaves"] = change.leaves
        trees = min(change.trees or self.settings.max_trees, TREES * (2 if change.trees else 1))
        return lgb.train(params, self._changed(change), trees)

    def _changed(self, change: Change) -> lgb.Dataset:
        default = self.sample.default[self.rows].astype(np.float64)
        kept = self.sample.place[self.rows] < change.buyers_below
        rows: Sequence[int] | NDArray = np.arange(len(default))
        rng = np.random.default_rng(change.buyers_drawn or 0)
        if change.buyers_drawn is not None:
            rows = _drawn(self.sample.keys.buyer[self.rows], rng)
        elif not kept.all():
            rows = np.flatnonzero(kept)
        elif not change.permuted:
            return self._data
        label = rng.permutation(default) if change.permuted else default
        return lgb.Dataset(
            self.sample.matrix[self.rows[rows]],
            label[rows],
            reference=self._data,
            params=self._params,
        )


def _drawn(buyers: NDArray, rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of as many buyers as there are, drawn with replacement."""
    _, code = np.unique(buyers, return_inverse=True)
    times = np.bincount(rng.integers(code.max() + 1, size=code.max() + 1), minlength=code.max() + 1)
    return np.repeat(np.arange(len(code)), times[code])
