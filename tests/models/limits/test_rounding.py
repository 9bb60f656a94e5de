"""The grid never grants more, never asks less, and keeps order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.limits.rounding import round_down, round_up
from models.policy import Policy

POLICY = Policy.load()
amounts = st.floats(0, 1e8).map(lambda amount: np.array([amount]))


@given(amounts)
def test_down_and_up_enclose_the_amount_to_the_cent(amount) -> None:
    assert round_down(POLICY, amount)[0] <= amount[0] + 0.005
    assert round_up(POLICY, amount)[0] >= amount[0] - 0.005


@given(amounts)
def test_an_amount_on_the_grid_stays(amount) -> None:
    on_grid = round_down(POLICY, amount)
    assert round_down(POLICY, on_grid) == round_up(POLICY, on_grid) == on_grid


@given(amounts, amounts)
def test_order_is_kept(one, other) -> None:
    low, high = sorted([one, other], key=lambda amount: amount[0])
    assert round_down(POLICY, low) <= round_down(POLICY, high)


def test_steps_coarsen_and_a_computed_cent_does_not_cost_a_step() -> None:
    given_amounts = np.array([1_999.0, 29_999.9999, 54_321.0, 254_321.0])
    assert round_down(POLICY, given_amounts).tolist() == [1_000.0, 30_000.0, 50_000.0, 250_000.0]
