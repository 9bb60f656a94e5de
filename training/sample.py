"""The sample: a labelled cohort with its features, cut into slices. What models learn from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.build import feature_matrix
from features.catalog import CATALOG
from features.facts import Facts, Keys
from features.feature import Feature
from models.label import label
from training.cohort import cohort
from training.config import TrainingConfig
from training.split import Slices, hash_share, split

FEWEST_DEFAULTS = {"train": 20, "calibrate": 0, "test": 2}


@dataclass(frozen=True)
class Sample:
    """Rows of the slices, in the order of `keys`; `place` is the buyer's number in [0, 1), to cut
    folds by. `catalogue` holds every feature, `matrix` those that models learn from."""

    facts: Facts
    keys: Keys
    catalogue: NDArray[np.float64]  # (rows, CATALOG)
    matrix: NDArray[np.float64]  # (rows, features)
    features: tuple[Feature, ...]
    default: NDArray[np.bool]
    default_type: NDArray[np.str_]
    place: NDArray[np.float64]
    slices: Slices
    counts: dict[str, int]

    @property
    def names(self) -> list[str]:
        """Feature names, in the order of the matrix's columns."""
        return [feature.name for feature in self.features]

    def frame(self, rows: NDArray[np.bool]) -> pd.DataFrame:
        """Features of `rows`, by (buyer_id, as_of_date)."""
        days = self.keys.as_of[rows].astype("datetime64[D]").astype("datetime64[s]")
        index = pd.MultiIndex.from_arrays(
            [self.facts.buyer_ids[self.keys.buyer[rows]], days], names=["buyer_id", "as_of_date"]
        )
        return pd.DataFrame(self.matrix[rows], index, self.names)


def assemble(facts: Facts, config: TrainingConfig) -> Sample:
    """The sample that `config` describes.

    ValueError names a slice with too few defaults to learn from or to judge by.
    """
    found = label(facts, cohort(facts, config.cohort), config.label)
    share = hash_share(facts.buyer_ids, "split")[found.keys.buyer]
    slices = split(found.keys.as_of, share, config.split, config.label)
    _check(slices, found.default)
    kept = slices.train | slices.calibrate | slices.test  # the rest is embargo: not worth building
    keys, slices = Keys(found.keys.buyer[kept], found.keys.as_of[kept]), slices.of(kept)
    catalogue, default = feature_matrix(facts, keys), found.default[kept]
    matrix, features = _informative(
        catalogue, chosen_features(config.topics, config.leave_out), slices.train
    )
    return Sample(
        facts,
        keys,
        catalogue,
        matrix,
        features,
        default,
        found.default_type[kept],
        hash_share(facts.buyer_ids, "folds")[keys.buyer],
        slices,
        found.counts | {"embargo": int((~kept).sum())} | _sizes(slices, default),
    )


def chosen_features(topics: Sequence[str] = (), leave_out: Sequence[str] = ()) -> NDArray[np.int64]:
    """Catalogue columns the default model may read, of `topics` only where some are named."""
    wanted = [
        f.role == "model" and (not topics or f.topic in topics) and f.name not in leave_out
        for f in CATALOG
    ]
    return np.flatnonzero(wanted)


def _informative(
    matrix: NDArray[np.float64], columns: NDArray[np.int64], train: NDArray[np.bool]
) -> tuple[NDArray[np.float64], tuple[Feature, ...]]:
    """Columns that vary over the training rows; what never varied cannot have been learned."""
    varies = [
        column for column in columns if len(np.unique(matrix[train, column], equal_nan=True)) > 1
    ]
    return np.take(matrix, varies, axis=1), tuple(CATALOG[column] for column in varies)


def _check(slices: Slices, default: NDArray[np.bool]) -> None:
    for name, rows in slices.items():
        defaults = int(default[rows].sum())
        if not rows.any() or defaults < FEWEST_DEFAULTS[name]:
            raise ValueError(
                f"slice {name!r} has {int(rows.sum())} rows and {defaults} defaults, at least "
                f"{FEWEST_DEFAULTS[name]} defaults are needed; move the dates in [split]"
            )


def _sizes(slices: Slices, default: NDArray[np.bool]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for name, rows in slices.items():
        sizes |= {f"{name}_rows": int(rows.sum()), f"{name}_defaults": int(default[rows].sum())}
    return sizes
