from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from training.benchmark.data_set import DataSet, Fold
from training.benchmark.measure import measure


@pytest.fixture(scope="module")
def data() -> DataSet:
    """Two folds of rows whose true probability is known."""
    draw, n = np.random.default_rng(0), 4000
    truth = expit(draw.normal(-2, 1.5, n))
    none = np.zeros(0, np.int64)
    folds = [Fold(none, none, part) for part in np.split(np.arange(n), 2)]
    outcome = draw.random(n) < truth
    return DataSet("drawn", pd.DataFrame(), outcome, np.arange(n), folds, truth=truth)


def test_the_truth_is_calibrated_and_a_bent_answer_is_not(data: DataSet) -> None:
    seen = np.zeros(4000, bool)
    true = [data.truth[fold.test] for fold in data.folds]
    bent = [expit(2 * np.log(p / (1 - p))) for p in true]
    best, worse = (measure(data, answer, true, seen, 1.0) for answer in (true, bent))
    assert best.slope == pytest.approx(1, abs=0.1)
    assert worse.slope == pytest.approx(best.slope / 2, rel=0.05)
    assert best.truth_error == 0 < worse.truth_error
    assert best.auc == worse.auc
    assert worse.behind == pytest.approx((0, 0, 0))
    assert best.average_precision.low < best.average_precision.value < best.average_precision.high
    assert np.isnan(best.auc_new)
    assert best.oracle_share == worse.oracle_share == (1, 1, 1)


def test_unseen_groups_are_measured_apart(data: DataSet) -> None:
    true = [data.truth[fold.test] for fold in data.folds]
    seen = np.arange(4000) < 2000
    told = [np.where(data.default[data.folds[0].test], 1.0, 0.0), true[1]]
    found = measure(replace(data, truth=None), told, None, seen, 1.0)
    assert found.auc_new < 0.87 < found.auc.value
    assert np.isnan(found.truth_error)
    assert found.oracle_share is None
