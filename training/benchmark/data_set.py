"""A data set to benchmark on: features, outcome, and which rows learn and which judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.config import FitSettings

Rows = NDArray[np.int64]
THREADS = 2
FEW = 200_000  # cells, below which threads wait for each other longer than they work


def threads(cells: int) -> int:
    """How many are worth it for a table; no answer depends on it."""
    return THREADS if cells > FEW else 1


class Fold(NamedTuple):
    """Row numbers: every model may learn from what is `known`, and is judged on `test`. On
    `calibrate`, a later slice, ours takes its level; where empty, from held-out rows of `train`."""

    train: Rows
    calibrate: Rows
    test: Rows

    @property
    def known(self) -> Rows:
        """The rows before the test."""
        return np.concatenate([self.train, self.calibrate])


@dataclass(frozen=True)
class DataSet:
    """One row an observation; `features` are float64 columns and categories.

    `group` numbers whose rows belong together (a firm), `time` rises with the date where there is
    one. `settings` are ours (None: to be chosen
    inside the training rows), `signs` the direction
    of a feature where theory gives one, `z_score` Altman's Z'' where its accounts are known, and
    `truth` the true default probability where the economy was generated. `remarks` say what was
    done to the rows and what to beware of.
    """

    name: str
    features: pd.DataFrame
    default: NDArray[np.bool]
    group: NDArray[np.int64]
    folds: Sequence[Fold] = ()
    split: str = ""
    settings: FitSettings | None = None
    signs: Mapping[str, int] = field(default_factory=dict)
    z_score: NDArray[np.float64] | None = None
    truth: NDArray[np.float64] | None = None
    time: NDArray[np.float64] | None = None
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.default)

    @property
    def tested(self) -> Rows:
        """The rows that judge, fold after fold."""
        return np.concatenate([fold.test for fold in self.folds])

    def remarked(self, *remarks: str) -> "DataSet":
        """The same, with more to beware of."""
        return replace(self, remarks=(*self.remarks, *remarks))
