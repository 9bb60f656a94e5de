import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from training.statistics.discrimination import (
    auc_difference,
    auc_interval,
    bootstrap_interval,
    expected_gini,
    gini,
    kolmogorov_smirnov,
    mean_auc,
    mean_auc_difference,
    oracle_share,
)


def drawn(rows: int, seed: int) -> tuple[NDArray, NDArray, NDArray]:
    """Defaults and two correlated scores with ties, the first the better."""
    rng = np.random.default_rng(seed)
    default = rng.random(rows) < 0.2
    signal = default + rng.normal(size=rows)
    other = signal + rng.normal(size=rows)
    return default, signal.round(1), other.round(1)


def placements(default: NDArray, score: NDArray) -> tuple[NDArray, NDArray]:
    """DeLong et al. (1988), equation 4, by comparing every pair."""
    bad, good = score[default], score[~default]
    wins = (bad[:, None] > good[None, :]) + 0.5 * (bad[:, None] == good[None, :])
    return wins.mean(axis=1), wins.mean(axis=0)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_delong_equals_its_definition_by_pairs(seed: int) -> None:
    default, score, _ = drawn(150, seed)
    of_bad, of_good = placements(default, score)
    variance = of_bad.var(ddof=1) / len(of_bad) + of_good.var(ddof=1) / len(of_good)
    half = norm.ppf(0.975) * np.sqrt(variance)
    auc = of_bad.mean()
    assert auc_interval(default, score) == pytest.approx((auc, auc - half, min(auc + half, 1)))


def test_the_paired_test_equals_its_definition_by_pairs() -> None:
    default, score, other = drawn(200, 3)
    bad, good = (
        np.subtract(one, two)
        for one, two in zip(placements(default, score), placements(default, other), strict=True)
    )
    error = np.sqrt(bad.var(ddof=1) / len(bad) + good.var(ddof=1) / len(good))
    difference, test = auc_difference(default, score, other)
    assert difference == pytest.approx(bad.mean())
    assert test.statistic == pytest.approx(bad.mean() / error)
    assert test.p_value == pytest.approx(2 * norm.sf(bad.mean() / error))


def test_delong_agrees_with_the_bootstrap() -> None:
    default, score, _ = drawn(600, 4)
    delong = auc_interval(default, score)
    drawn_again = bootstrap_interval(
        lambda d, s: auc_interval(d, s).value, np.arange(600), default, score, draws=800
    )
    assert drawn_again == pytest.approx(delong, abs=0.012)


def test_rows_of_one_buyer_repeated_carry_no_more_information() -> None:
    default, score, _ = drawn(300, 5)
    alone = bootstrap_interval(
        lambda d, s: auc_interval(d, s).value, np.arange(300), default, score, draws=400
    )
    four_times = bootstrap_interval(
        lambda d, s: auc_interval(d, s).value,
        np.tile(np.arange(300), 4),
        np.tile(default, 4),
        np.tile(score, 4),
        draws=400,
    )
    assert four_times == pytest.approx(alone, abs=1e-12)


@given(st.integers(0, 1000))
def test_auc_sees_ranks_only_and_turns_with_the_sign(seed: int) -> None:
    default, score, _ = drawn(60, seed)
    default[:2], default[2:4] = True, False
    auc = auc_interval(default, score).value
    assert auc_interval(default, np.exp(score)).value == auc
    assert auc_interval(default, -score).value == pytest.approx(1 - auc)


def test_equal_scores_do_not_differ() -> None:
    default, score, _ = drawn(60, 0)
    assert auc_difference(default, score, score) == (0.0, (0.0, 1.0))


def test_an_auc_needs_two_of_each() -> None:
    with pytest.raises(ValueError, match="1 defaults and 3 others"):
        auc_interval(np.array([1, 0, 0, 0]), np.arange(4))


def test_kolmogorov_smirnov_by_hand() -> None:
    default = np.array([0, 0, 0, 0, 1, 1])
    assert kolmogorov_smirnov(default, np.array([1.0, 2, 3, 5, 4, 6])) == pytest.approx(0.75)


def test_mean_auc_of_one_fold_is_its_auc() -> None:
    default, score = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])
    assert mean_auc([(default, score)]) == pytest.approx(auc_interval(default, score))


def test_mean_auc_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    truth, hits = float(norm.cdf(1 / np.sqrt(2))), 0
    for _ in range(300):
        folds = []
        for _ in range(4):
            default = rng.random(100) < 0.3
            folds.append((default, rng.normal(size=100) + default))
        found = mean_auc(folds)
        hits += found.low <= truth <= found.high
    assert 0.92 <= hits / 300 <= 0.98


def test_mean_auc_difference_is_paired() -> None:
    rng = np.random.default_rng(0)
    default = rng.random(400) < 0.3
    score = rng.normal(size=400) + default
    same = mean_auc_difference([(default, score, score)] * 2)
    assert same == (0, 0, 0)
    worse = mean_auc_difference([(default, score, score + rng.normal(size=400))] * 2)
    assert 0 < worse.low < worse.value < worse.high


@given(st.integers(0, 1000))
def test_the_expected_gini_counts_each_row_as_default_and_as_none(seed: int) -> None:
    rng = np.random.default_rng(seed)
    probability, score = rng.random(60), rng.random(60).round(1)
    both = np.repeat([1, 0], 60), np.tile(score, 2)
    auc = roc_auc_score(*both, sample_weight=np.concatenate([probability, 1 - probability]))
    assert expected_gini(probability, score) == pytest.approx(2 * auc - 1)
    default = probability < 0.3
    assert expected_gini(default.astype(float), score) == pytest.approx(gini(default, score))


def test_drawn_defaults_come_to_the_expected_gini_and_none_ranks_better_than_the_truth() -> None:
    rng = np.random.default_rng(3)
    truth = rng.beta(0.3, 8, 50_000)
    score = truth * rng.lognormal(0, 0.6, 50_000)
    drawn_ginis = [gini(rng.random(50_000) < truth, score) for _ in range(20)]
    assert expected_gini(truth, score) == pytest.approx(np.mean(drawn_ginis), abs=0.004)
    assert oracle_share(truth, score) < 1 == oracle_share(truth, truth**2)
