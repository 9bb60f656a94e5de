import numpy as np
import pytest

from training.statistics.discrimination import auc
from training.validation.case import Case
from training.validation.challengers import WeightOfEvidence, scores


def test_weights_are_the_log_odds_of_a_bin_over_the_base_rate() -> None:
    values = np.repeat([0.0, 1.0, np.nan], [100, 100, 50])[:, None]
    default = np.zeros(250, bool)
    default[:10] = default[100:140] = default[200:205] = True
    woe = WeightOfEvidence.fit(values, default, bins=2)
    prior = np.log(default.sum() / (~default).sum())
    expected = [
        np.log(bad / good) - prior for bad, good in ((10.5, 90.5), (40.5, 60.5), (5.5, 45.5))
    ]
    found = woe.transform(np.array([[0.0], [1.0], [np.nan]]))
    assert found[:, 0] == pytest.approx(expected)


def test_a_feature_that_is_never_known_weighs_nothing() -> None:
    woe = WeightOfEvidence.fit(np.full((20, 1), np.nan), np.arange(20) < 5)
    assert abs(woe.transform(np.array([[3.0]]))[0, 0]) < 1e-9


def test_challengers_rank_where_they_have_a_score(case: Case) -> None:
    found = scores(case)
    assert set(found) == {"logistic on WoE", "Altman Z''", "Conan-Holder"}
    for score in found.values():
        known = ~np.isnan(score)
        assert known.mean() > 0.3
        assert auc(case.test.default[known], score[known]) > 0.6
