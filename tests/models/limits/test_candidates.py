"""What the candidates are computed from: exposure days, overlays in force, scale bounds."""

from datetime import date

import numpy as np
import pytest

from models.limits.candidates import (
    Buyer,
    buyer_at,
    exposure_days,
    overlays_in_force,
    standing_of,
    within_scale,
)
from models.limits.limit_inputs import LimitInputs
from models.policy import Policy

POLICY = Policy.load()


def inputs(as_of: date = date(2025, 6, 30), **columns) -> LimitInputs:
    day = np.array([as_of], "datetime64[D]").astype(np.int64)
    given = {name: np.array([value]) for name, value in columns.items()}
    return LimitInputs(np.array([0.01]), day, **given)


def buyer(**columns: float) -> Buyer:
    one = inputs(**columns)
    return buyer_at(one.numbers, standing_of(POLICY, one), 0)


def test_unknown_terms_and_delay_are_the_policys() -> None:
    terms, delay = exposure_days(POLICY.numbers, buyer())
    assert (terms, delay) == (POLICY.need.terms_days, POLICY.need.delay_days)


def test_paying_ever_later_does_not_raise_the_need_for_ever() -> None:
    _, delay = exposure_days(POLICY.numbers, buyer(delay_days=400.0))
    assert delay == POLICY.need.most_delay_days


@pytest.mark.parametrize(
    ("as_of", "sector", "found"),
    [
        (date(2025, 1, 1), "F41", 1),
        (date(2027, 6, 30), "F41", 1),
        (date(2027, 7, 1), "F41", 0),
        (date(2025, 6, 30), "G46", 0),
    ],
)
def test_an_overlay_applies_to_its_sector_until_it_expires(as_of, sector, found) -> None:
    overlays = overlays_in_force(POLICY, inputs(as_of, sector=sector))
    assert len(overlays) == found
    assert all(overlay.owner and overlay.reason for overlay in overlays)


def test_no_probability_divides_by_next_to_nothing() -> None:
    low, middle, high = within_scale(POLICY, np.array([0.0, 0.01, 1.0]))
    assert low == POLICY.master_scale.bounds[0]
    assert middle == 0.01
    assert high < 1
