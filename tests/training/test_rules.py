"""The rules ours is compared with, each brought to its scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.history import History
from training.rules import OURS, TENTH, level, level_refusing, rules, sold

amounts = st.lists(st.floats(1, 1e6), min_size=1, max_size=12)


def test_what_each_rule_grants(three_buyers: History) -> None:
    granted = rules(three_buyers)
    assert granted[OURS].tolist() == [100, 25, 0]
    assert granted[TENTH].tolist() == [50, 100, 0]  # the second would get 200, and needs 100
    assert granted["flat, same total"] == pytest.approx([125 / 3] * 3)
    assert granted["share of net worth, same total"] == pytest.approx([25, 100, 0])
    # Ours refuses 2 750 of 4 000: all rows sell 10 for each unit granted.
    assert granted["flat, same sales refused"] == pytest.approx([125 / 3] * 3)


@given(amounts, st.floats(0, 1))
def test_a_level_grants_the_total(need: list[float], share: float) -> None:
    needs = np.array(need)
    base = np.linspace(0.5, 2.0, len(needs))
    total = share * needs.sum()
    granted = np.minimum(level(base, needs, total) * base, needs).sum()
    assert granted == pytest.approx(total, rel=1e-6, abs=1e-6)


def test_a_level_out_of_reach_grants_all_it_can() -> None:
    assert level(np.array([0.0, 2.0]), np.array([10.0, 10.0]), 1e9) == 5
    assert level(np.zeros(2), np.ones(2), 1.0) == 0


@given(st.floats(0, 4_000))
def test_a_level_refuses_as_much_of_the_sales(three_buyers: History, refused: float) -> None:
    base = np.array([1.0, 2.0, 3.0])
    multiple = level_refusing(three_buyers, base, refused)
    limit = np.minimum(multiple * base, three_buyers.need)
    assert sold(three_buyers, three_buyers.need - limit).sum() == pytest.approx(refused, abs=1e-6)


def test_a_base_of_nothing_refuses_all(three_buyers: History) -> None:
    assert level_refusing(three_buyers, np.zeros(3), 1.0) == 0
