"""Buyers that only a ledger knows."""

import pyarrow as pa

from features.ledgers.buyers import buyers_in, default_buyers, one_per_buyer, refuse_strangers
from features.ledgers.mapping import Column, TableMapping

IDS = pa.array(["A", "B"])


def test_the_buyers_of_several_tables() -> None:
    frames = [pa.table({"buyer_id": ids}) for ids in (["B", "A"], ["A", "C"])]
    assert sorted(buyers_in(frames).to_pylist()) == ["A", "B", "C"]
    assert len(buyers_in([])) == 0


def test_a_buyer_takes_each_column_from_the_first_row_that_has_it() -> None:
    rows = pa.table(
        {
            "buyer_id": ["B", "A", "B", "Total"],
            "name": pa.array([None, "Anna", "Bert", "x"]),
            "country": ["FR", "DE", "BE", "FR"],
        }
    )
    assert one_per_buyer(rows, IDS).sort_by("buyer_id").to_pylist() == [
        {"buyer_id": "A", "name": "Anna", "country": "DE"},
        {"buyer_id": "B", "name": "Bert", "country": "FR"},
    ]


def test_defaults_make_a_buyer() -> None:
    columns = {
        "buyer_id": Column(columns=(("Customer",),)),
        "name": Column(columns=(("Name",),)),
        "country": Column(columns=(("Country",),), default="fr"),
    }
    buyers = default_buyers(IDS, TableMapping(columns=columns))
    assert buyers.select(["buyer_id", "name", "country"]).to_pylist() == [
        {"buyer_id": "A", "name": None, "country": "FR"},
        {"buyer_id": "B", "name": None, "country": "FR"},
    ]


def test_rows_of_strangers_are_refused_and_shared_tables_have_none() -> None:
    rows = pa.table({"buyer_id": ["A", "X"], "line": [1, 2]})
    good, refused = refuse_strangers("invoices", rows, IDS)
    assert good["line"].to_pylist() == [1]
    assert refused.select(["line", "value", "reason"]).to_pylist() == [
        {"line": 2, "value": "X", "reason": "unknown buyer"}
    ]
    rates = pa.table({"currency": ["USD"]})
    assert refuse_strangers("fx", rates, IDS)[0].equals(rates)
