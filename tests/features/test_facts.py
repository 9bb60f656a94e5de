from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from features.facts import Facts
from features.tables import TABLES

BUYERS = pa.table({"buyer_id": ["B", "A", "B"], "country": ["FR", "DE", "FR"]})


def owing(*currencies: str | None) -> Facts:
    exposures = pa.table(
        {
            "buyer_id": ["A"] * len(currencies),
            "valid_from": [date(2024, 1, 1)] * len(currencies),
            "currency": pa.array(currencies, pa.string()),
        }
    )
    return Facts.of({"buyers": BUYERS, "exposures": exposures}, "EUR")


def test_codes_are_positions_among_the_sorted_buyers():
    facts = Facts.of({"buyers": BUYERS})
    assert facts.buyer_ids.tolist() == ["A", "B"]
    assert [facts.code_of(b) for b in ("A", "B", "", "AA", "C")] == [0, 1, -1, -1, -1]


def test_keys_are_codes_and_days():
    keys = Facts.of({"buyers": BUYERS}).keys(["B", "A"], np.array(["1970-01-02", "2024-02-29"]))
    assert (keys.buyer.tolist(), keys.as_of.tolist(), len(keys)) == ([1, 0], [1, 19782], 2)


def test_a_key_of_a_stranger_names_it():
    with pytest.raises(KeyError, match="'Z'"):
        Facts.of({"buyers": BUYERS}).keys(["Z"], np.array(["2024-01-01"]))


def test_every_table_is_there_and_empty_where_absent():
    facts = Facts.of({"buyers": BUYERS})
    assert set(facts.tables) == set(TABLES)
    assert {name for name, rows in facts.tables.items() if len(rows)} == {"buyers"}


def test_a_table_is_foreign_where_one_amount_is():
    assert owing("EUR", None).foreign == frozenset()
    assert owing("EUR", "USD", None).foreign == {"exposures"}
