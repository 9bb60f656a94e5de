import numpy as np

from training.statistics.discrimination import auc
from training.validation.case import Case
from training.validation.refits import ROWS, Change, Refits


def importance(case: Case, change: Change) -> dict[str, int]:
    booster = case.refits.booster(change)
    splits = zip(case.sample.features, booster.feature_importance(), strict=True)
    totals: dict[str, int] = {}
    for feature, count in splits:
        totals[feature.topic] = totals.get(feature.topic, 0) + int(count)
    return totals


def test_rows_hold_every_default_of_the_training_slice(case: Case) -> None:
    rows, train = case.refits.rows, case.sample.slices.train
    assert train[rows].all()
    assert case.sample.default[rows].sum() == case.sample.default[train].sum()
    assert len(rows) <= ROWS


def test_a_topic_left_out_is_never_split_on(case: Case) -> None:
    assert importance(case, Change())["payment_behaviour"] > 0
    assert importance(case, Change(without_topic="payment_behaviour"))["payment_behaviour"] == 0


def test_equal_changes_give_equal_trees(case: Case) -> None:
    again = Refits(case.sample, case.config.fit)
    for change in (Change(), Change(buyers_drawn=1), Change(permuted=True)):
        one, other = (r.booster(change).model_to_string() for r in (case.refits, again))
        assert one == other


def test_a_refit_ranks_and_a_permuted_one_foresees_nothing(case: Case) -> None:
    test = case.test
    assert auc(test.default, case.refits.test()) > 0.7
    shuffled = np.random.default_rng(0).permutation(test.default)
    assert abs(auc(shuffled, case.refits.test(Change(permuted=True))) - 0.5) < 0.12


def test_constraints_can_be_taken_off(case: Case) -> None:
    bound, free = (
        case.refits.booster(c).model_to_string() for c in (Change(), Change(monotone=False))
    )
    assert bound != free
