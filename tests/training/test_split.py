from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.label import LabelRule
from training.config import SplitRule
from training.split import hash_share, split

RULE = SplitRule(date(2019, 12, 31), date(2021, 6, 30), date(2023, 6, 30))
LABEL = LabelRule(horizon_days=365, reporting_lag_days=30)
DAYS = np.arange(17_000, 20_000, dtype=np.int32)  # 2016-07-18 to 2024-10-04


def test_the_label_of_one_slice_is_known_before_the_next_begins() -> None:
    slices = split(DAYS, np.zeros(len(DAYS)), RULE, LABEL)
    for earlier, later in ((slices.train, slices.calibrate), (slices.calibrate, slices.test)):
        assert DAYS[later].min() - DAYS[earlier].max() == 365 + 30


def test_each_slice_ends_on_its_date() -> None:
    slices = split(DAYS, np.zeros(len(DAYS)), RULE, LABEL)
    ends = [str(DAYS[rows].max().astype("datetime64[D]")) for _, rows in slices.items()]
    assert ends == ["2019-12-31", "2021-06-30", "2023-06-30"]


def test_buyers_are_kept_apart_where_asked() -> None:
    rng = np.random.default_rng(0)
    buyer = rng.integers(0, 300, len(DAYS))
    place = hash_share([f"B{n}" for n in range(300)], "split")[buyer]
    rule = SplitRule(RULE.train_until, RULE.calibrate_until, RULE.test_until, (0.5, 0.2, 0.3))
    slices = split(DAYS, place, rule, LABEL)
    of_slice = [set(buyer[rows].tolist()) for _, rows in slices.items()]
    assert all(of_slice)
    assert not of_slice[0] & of_slice[1]
    assert not of_slice[0] & of_slice[2]
    assert not of_slice[1] & of_slice[2]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=20))
def test_a_buyer_has_its_place_whoever_else_is_there(buyer_ids: list[str]) -> None:
    together = hash_share(buyer_ids, "split")
    assert [hash_share([b], "split")[0] for b in buyer_ids] == together.tolist()


def test_places_are_spread_evenly_and_differ_by_salt() -> None:
    names = [f"B{n}" for n in range(20_000)]
    split_place, fold_place = hash_share(names, "split"), hash_share(names, "folds")
    assert abs(np.quantile(split_place, 0.3) - 0.3) < 0.02
    assert abs(np.corrcoef(split_place, fold_place)[0, 1]) < 0.03
