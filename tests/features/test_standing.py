"""What stands on a day: limits in force over suppliers, and what the rest of a group uses."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.facts import NEVER, Facts, Keys
from features.standing import granted, group_use, used_by_others

DAY = date(2025, 6, 30)
DAY_NUMBER = (DAY - date(1970, 1, 1)).days


def keys(*pairs: tuple[int, int]) -> Keys:
    buyer, as_of = zip(*pairs, strict=True)
    return Keys(np.array(buyer), np.array(as_of, np.int32))


def test_of_two_limits_of_one_supplier_the_later_counts_and_suppliers_add_up() -> None:
    days = [date(2024, 1, 1), date(2025, 1, 1), date(2025, 1, 1), date(2025, 7, 1), DAY]
    exposures = pa.table(
        {
            "buyer_id": ["A", "A", "A", "A", "B"],
            "supplier_id": ["S", "S", "T", "S", "S"],
            "limit": [100.0, 200.0, 50.0, 900.0, 7.0],
            "currency": pa.array(["EUR", None, "USD", "EUR", "EUR"]),
            "valid_from": days,
            "valid_until": pa.array([None, None, None, None, DAY], pa.date32()),
        }
    )
    tables = {
        "buyers": pa.table({"buyer_id": ["A", "B", "C"], "country": ["FR"] * 3}),
        "fx": pa.table({"currency": ["USD"], "quoted_on": [date(2020, 1, 1)], "rate": [0.8]}),
        "exposures": exposures,
    }
    facts = Facts.of(tables)
    found = granted(facts, keys(*((buyer, DAY_NUMBER) for buyer in range(3))))
    assert found.amount == pytest.approx([240.0, 7.0, np.nan], nan_ok=True)
    assert found.since.tolist()[:2] == [(date(2025, 1, 1) - date(1970, 1, 1)).days, DAY_NUMBER]
    assert found.since[2] == NEVER
    after = granted(facts, keys(*((buyer, DAY_NUMBER + 1) for buyer in range(3))))
    assert after.amount == pytest.approx([940.0, np.nan, np.nan], nan_ok=True)


def test_a_limit_of_nothing_is_a_limit_and_one_without_an_amount_is_none() -> None:
    exposures = pa.table(
        {
            "buyer_id": ["A", "B"],
            "limit": pa.array([0.0, None], pa.float64()),
            "valid_from": [DAY, DAY],
        }
    )
    buyers = pa.table({"buyer_id": ["A", "B"], "country": ["FR"] * 2})
    facts = Facts.of({"buyers": buyers, "exposures": exposures})
    found = granted(facts, keys((0, DAY_NUMBER), (1, DAY_NUMBER)))
    assert found.amount == pytest.approx([0.0, np.nan], nan_ok=True)


def group_facts(owed: float = 0.0) -> Facts:
    """A, B and C are one group, D is alone, E is the only company of its group."""
    return Facts.of(
        {
            "buyers": pa.table(
                {
                    "buyer_id": ["A", "B", "C", "D", "E"],
                    "country": ["FR"] * 5,
                    "group_id": ["G", "G", "G", None, "H"],
                }
            ),
            "exposures": pa.table(
                {
                    "buyer_id": ["A", "B", "D"],
                    "limit": [100.0, 30.0, 70.0],
                    "valid_from": [date(2025, 1, 1)] * 3,
                }
            ),
            "invoices": pa.table(
                {
                    "invoice_id": ["1", "2"],
                    "buyer_id": ["B", "C"],
                    "issued_on": [date(2025, 6, 1)] * 2,
                    "due_on": [date(2025, 7, 1)] * 2,
                    "amount": [45.0, owed or 5.0],
                }
            ),
        }
    )


def test_others_use_their_limit_or_what_they_owe_where_that_is_more() -> None:
    found = group_use(group_facts(), keys(*((buyer, DAY_NUMBER) for buyer in range(5))))
    assert found.used.tolist() == [50.0, 105.0, 145.0, 0.0, 0.0]  # A 100, B 45, C 5
    assert found.others.tolist() == [2, 2, 2, 0, 0]
    assert (found.group >= 0).tolist() == [True, True, True, False, True]
    before = group_use(group_facts(), keys((2, DAY_NUMBER - 200), (0, DAY_NUMBER)))
    assert before.used.tolist() == [0.0, 50.0]


def test_by_buyer_id_only_companies_of_groups_are_told() -> None:
    assert used_by_others([group_facts()], DAY) == {"A": 50.0, "B": 105.0, "C": 145.0, "E": 0.0}


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 400)), min_size=1, max_size=20))
def test_one_key_alone_and_among_others_give_the_same_bits(pairs: list[tuple[int, int]]) -> None:
    facts, asked = group_facts(17.13), [(b, DAY_NUMBER - 200 + d) for b, d in pairs]
    together = group_use(facts, keys(*asked))
    alone = [group_use(facts, keys(one)) for one in asked]
    for name in ("group", "others", "used"):
        joined = np.concatenate([getattr(a, name) for a in alone])
        assert getattr(together, name).tobytes() == joined.tobytes()
