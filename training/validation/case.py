"""The case: what is validated, on what, computed once and read by every section."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

from features.catalog import column
from features.facts import Facts, Keys
from features.tables import Tables, read_tables
from models.assessment import ANEW, Assessment, conclude
from models.credit_model import CreditModel
from training.config import TrainingConfig
from training.economy.economy import true_probability
from training.history import refuse_known
from training.sample import Sample, assemble
from training.validation.refits import Refits

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Case:
    """A model, the portfolio it is judged on, and its slices. `champion` is the one it would
    replace, by name, where there is one."""

    model: CreditModel
    portfolio: Path
    tables: Tables
    config: TrainingConfig
    sample: Sample
    champion: tuple[str, CreditModel] | None = None
    overrides: pd.DataFrame | None = None

    @classmethod
    def of(
        cls,
        model: CreditModel,
        portfolio: Path,
        config: TrainingConfig,
        *,
        champion: tuple[str, CreditModel] | None = None,
        overrides: pd.DataFrame | None = None,
        sample: Sample | None = None,
    ) -> "Case":
        """`sample` may be given where it was already assembled for this portfolio and config.

        ValueError where the model could have learned from the test slice.
        """
        tables = read_tables(portfolio)
        if sample is None:
            sample = assemble(Facts.of(tables, config.currency), config)
        first = int(sample.keys.as_of[sample.slices.test].min())
        refuse_known(model, first)
        if champion is not None and _knows(champion[1], first):
            champion = None  # no fair comparison
        return cls(model, portfolio, tables, config, sample, champion, overrides)

    @property
    def facts(self) -> Facts:
        """Everything known of every buyer."""
        return self.sample.facts

    @cached_property
    def refits(self) -> Refits:
        """The same recipe learned again, on fewer rows."""
        return Refits(self.sample, self.config.fit)

    def inputs(self, rows: NDArray) -> Floats:
        """What the model reads of `rows` of the sample, (n, features of the model)."""
        return np.ascontiguousarray(self.sample.catalogue[rows][:, self.model.columns])

    @cached_property
    def booster(self) -> lgb.Booster:
        """The trees as LightGBM reads them: quicker than drivers where those are not asked."""
        return lgb.Booster(model_str=self.model.default_model.booster_text)

    @cached_property
    def used_features(self) -> frozenset[str]:
        """Features that some tree splits on."""
        gains = zip(self.model.feature_names, self.booster.feature_importance(), strict=True)
        return frozenset(name for name, splits in gains if splits)

    @cached_property
    def probability(self) -> Floats:
        """Default probability of every row of the sample."""
        model, everyone = self.model.default_model, np.arange(len(self.sample.keys))
        raw = self.booster.predict(self.inputs(everyone), raw_score=True, num_threads=2)
        return expit(model.intercept + model.slope * np.asarray(raw))

    @cached_property
    def test(self) -> "Test":
        """The test slice under the model and its policy."""
        rows = np.flatnonzero(self.sample.slices.test)
        keys = Keys(self.sample.keys.buyer[rows], self.sample.keys.as_of[rows])
        catalogue = self.sample.catalogue[rows]
        assessment = conclude(self.model, self.facts, keys, catalogue, ANEW)
        return Test(
            rows,
            keys,
            self.sample.default[rows],
            assessment,
            once(keys, self.config.label.horizon_days),
        )

    @cached_property
    def truth(self) -> Floats | None:
        """True probability of each test row, NaN where untold; None where no economy made it."""
        return true_probability(self.portfolio, self.facts, self.test.keys)


@dataclass(frozen=True, eq=False)
class Test:
    """The test slice: `rows` into the sample; `once` keeps of each buyer rows whose horizons do not
    overlap, so that a default counts once."""

    rows: NDArray[np.int64]
    keys: Keys
    default: Flags
    assessment: Assessment
    once: Flags

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def probability(self) -> Floats:
        """Default probability, (n,)."""
        return self.assessment.default_probability

    @property
    def population(self) -> str:
        """Rows, buyers and defaults, in words."""
        buyers = len(np.unique(self.keys.buyer))
        return f"{len(self):,} rows of {buyers:,} buyers, {int(self.default.sum()):,} defaults"

    def feature(self, name: str) -> Floats:
        """One feature of the catalogue, (n,)."""
        return self.assessment.matrix[:, column(name)]


def _knows(model: CreditModel, first: int) -> bool:
    """Whether the model learned from outcomes still open on the day `first`."""
    try:
        refuse_known(model, first)
    except ValueError:
        return True
    return False


def once(keys: Keys, horizon_days: int) -> Flags:
    """Of each buyer the first row, and then each one a horizon after the one kept. From the first
    on: the last rows of buyers are those before a default, so keeping them would pick defaults.

    >>> keys = Keys(np.array([0, 0, 0, 1]), np.array([0, 300, 400, 300], np.int32))
    >>> once(keys, 365).tolist()
    [True, False, True, True]
    """
    kept = np.zeros(len(keys), bool)
    buyer, before = -1, 0
    for row in np.lexsort((keys.as_of, keys.buyer)):
        if keys.buyer[row] != buyer or keys.as_of[row] >= before + horizon_days:
            kept[row] = True
            buyer, before = keys.buyer[row], keys.as_of[row]
    return kept
