"""Challengers: what a simpler model, a formula of the books or the present champion would rank."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from features.catalog import column
from training.validation.case import Case

Floats = NDArray[np.float64]

BINS = 10
CLASSICAL = {"Altman Z''": "altman_z_general", "Conan-Holder": "conan_holder"}


@dataclass(frozen=True)
class WeightOfEvidence:
    """Each feature by the log-odds of default of its bin: quantile bins and one for missing."""

    edges: tuple[Floats, ...]
    weights: tuple[Floats, ...]

    @classmethod
    def fit(
        cls, matrix: Floats, default: NDArray[np.bool_], bins: int = BINS
    ) -> "WeightOfEvidence":
        """Bins and their weights from (n, features) and labels; half a case is added to each
        count, so that an empty bin weighs nothing.

        >>> woe = WeightOfEvidence.fit(np.array([[0.0], [0.0], [1.0], [1.0]]), np.arange(4) > 1, 2)
        >>> woe.transform(np.array([[0.0], [1.0]])).round(2).tolist()
        [[-1.61], [1.61]]
        """
        edges, weights = [], []
        for values in matrix.T:
            known = values[~np.isnan(values)]
            cuts = np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]) if len(known) else []
            edges.append(np.unique(cuts))
            place = _place(values, edges[-1])
            size = len(edges[-1]) + 2
            bad = np.bincount(place[default], minlength=size) + 0.5
            good = np.bincount(place[~default], minlength=size) + 0.5
            prior = np.log(default.sum() / (~default).sum())
            weights.append(np.where(bad + good > 1, np.log(bad / good) - prior, 0.0))
        return cls(tuple(edges), tuple(weights))

    def transform(self, matrix: Floats) -> Floats:
        """Weights of evidence, (n, features); positive where defaults are more frequent."""
        columns = zip(matrix.T, self.edges, self.weights, strict=True)
        return np.column_stack([weight[_place(values, edges)] for values, edges, weight in columns])


def _place(values: Floats, edges: Floats) -> NDArray[np.int64]:
    return np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, "right"))


def logistic_scores(case: Case) -> Floats:
    """Log-odds of the test rows by a logistic regression on weights of evidence, learned on the
    rows of the refits."""
    rows, sample = case.refits.rows, case.sample
    woe = WeightOfEvidence.fit(sample.matrix[rows], sample.default[rows])
    model = LogisticRegression(C=0.1, max_iter=1000)
    model.fit(woe.transform(sample.matrix[rows]), sample.default[rows])
    return np.asarray(model.decision_function(woe.transform(sample.matrix[case.test.rows])))


def scores(case: Case) -> dict[str, Floats]:
    """Each challenger's score of the test rows, rising with risk, NaN where it has none."""
    catalogue = case.test.assessment.matrix
    found = {"logistic on WoE": logistic_scores(case)}
    found |= {name: -catalogue[:, column(feature)] for name, feature in CLASSICAL.items()}
    if case.champion is not None:
        name, champion = case.champion
        found[name] = champion.default_model.log_odds(
            np.ascontiguousarray(catalogue[:, champion.columns])
        )
    return found
