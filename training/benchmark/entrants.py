"""Other people's models: each learns from all rows before the test and answers for its test rows.

Random forest and XGBoost have the 500 trees of Lombardo et al. 2022 (doi:10.3390/fi14080244) and
otherwise, like CatBoost, their libraries' defaults. XGBoost and CatBoost are in the extra `bench`.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

from training.benchmark.data_set import DataSet, Fold, threads
from training.fit import prior_shift, thinned
from training.statistics.calibration import logistic_line

Probability = NDArray[np.float64]
Entrant = Callable[[DataSet, Fold], Probability]

TREES = 500
QUANTILES = 200
SEED = 0
MISSING = "missing"


def random_forest(data: DataSet, fold: Fold) -> Probability:
    """500 trees, missing values as such, categories one by one."""
    forest = RandomForestClassifier(TREES, n_jobs=threads(data.features.size), random_state=SEED)
    return _answer(make_pipeline(_one_by_one(data.features), forest), data, fold)


def xgboost(data: DataSet, fold: Fold) -> Probability:
    """500 trees, missing values as such, categories one by one."""
    from xgboost import XGBClassifier

    model = XGBClassifier(n_estimators=TREES, n_jobs=threads(data.features.size), random_state=SEED)
    return _answer(make_pipeline(_one_by_one(data.features), model), data, fold)


def catboost(data: DataSet, fold: Fold) -> Probability:
    """CatBoost as it comes, categories its own way."""
    from catboost import CatBoostClassifier

    categories = list(_categories(data.features))
    model = CatBoostClassifier(
        cat_features=categories,
        thread_count=threads(data.features.size),
        random_seed=SEED,
        verbose=False,
        allow_writing_files=False,
    )
    features = data.features.fillna(dict.fromkeys(categories, MISSING))
    return _answer(model, replace(data, features=features), fold)


def logistic_regression(data: DataSet, fold: Fold) -> Probability:
    """On ranks made normal, missing values at the median and flagged, categories one by one."""
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
        QuantileTransformer(
            output_distribution="normal",
            n_quantiles=min(QUANTILES, len(fold.known)),
            random_state=SEED,
        ),
    )
    columns = _one_by_one(data.features, numbers)
    return _answer(make_pipeline(columns, LogisticRegression(max_iter=2000)), data, fold)


def altman(data: DataSet, fold: Fold) -> Probability:
    """Altman's Z'' (1995), with a logistic line for its level; unknown at the median, and the
    outermost per cent of either side, which ratios to small debts make, at its bound."""
    if data.z_score is None:
        raise ValueError(f"{data.name} has no Z''")
    low, median, high = np.nanpercentile(data.z_score[fold.known], [1, 50, 99])
    score = -np.nan_to_num(data.z_score, nan=median).clip(low, high)
    line = logistic_line(data.default[fold.known], score[fold.known])
    return expit(line.intercept + line.slope * score[fold.test])


def oracle(data: DataSet, fold: Fold) -> Probability:
    """The true probability of a generated economy: no model can rank better."""
    if data.truth is None:
        raise ValueError(f"the truth of {data.name} is not known")
    return data.truth[fold.test]


def _answer(model: Any, data: DataSet, fold: Fold) -> Probability:
    """Learn and answer; where ours learns from a part of the rows, from such a part too, and with
    the level put back."""
    rows, default = fold.known, data.default
    if data.settings is not None:
        rows = rows[thinned(default[rows], data.settings)]
    model.fit(data.features.iloc[rows], default[rows].astype(int))
    shift = prior_shift(default[fold.known].mean(), default[rows].mean())
    answer = model.predict_proba(data.features.iloc[fold.test])[:, 1]
    return expit(logit(answer) + shift) if shift else answer


def _categories(features: pd.DataFrame) -> pd.Index:
    return features.select_dtypes(exclude="float64").columns


def _one_by_one(
    features: pd.DataFrame, numbers: Pipeline | str = "passthrough"
) -> ColumnTransformer:
    """Each category but the rare ones as a flag of its own; `numbers` for the other columns."""
    flags = OneHotEncoder(
        handle_unknown="infrequent_if_exist",
        min_frequency=10,
        max_categories=50,
        sparse_output=False,
    )
    categories = list(_categories(features))
    rest = [name for name in features if name not in categories]
    return ColumnTransformer([("numbers", numbers, rest), ("categories", flags, categories)])
