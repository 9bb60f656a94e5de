"""A snapshot gives back the very rows: values, nulls and order."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.build import feature_matrix
from features.facts import Facts, Keys
from features.tables import TABLES, conform
from serving.dossier import of_one
from serving.portfolio import Portfolio
from serving.snapshot import own_tables, pack, pack_own, shared_tables, unpack

DAY = np.array([date(2025, 6, 30)], "datetime64[D]").astype(np.int32)


@pytest.mark.parametrize("buyer_id", ["B0000017", "ODD-EMPTY", "ODD-NAME"])
def test_a_buyers_rows_come_back(portfolio: Portfolio, buyer_id: str) -> None:
    tables = own_tables(portfolio.facts, portfolio.facts.code_of(buyer_id))
    again = unpack(pack(tables))
    assert set(again) == set(tables)
    for name, table in tables.items():
        assert again[name].equals(table.combine_chunks()), name


def test_the_shared_tables_come_back(portfolio: Portfolio) -> None:
    tables = shared_tables(portfolio.facts)
    again = unpack(pack(tables))
    assert all(again[name].equals(table) for name, table in tables.items())
    assert set(tables) == {"fx", "country_risk", "sector_risk", "usual_lateness"}


def test_features_of_a_snapshot_are_those_of_the_portfolio(portfolio: Portfolio) -> None:
    facts = portfolio.facts
    for code in range(0, len(portfolio), 7):
        alone = of_one(unpack(pack(own_tables(facts, code))), facts)
        one = feature_matrix(alone, Keys(np.zeros(1, np.int64), DAY))
        assert one.tobytes() == feature_matrix(facts, Keys(np.array([code]), DAY)).tobytes()


def test_equal_facts_have_equal_snapshots(portfolio: Portfolio) -> None:
    first, second = (pack(own_tables(portfolio.facts, 3)) for _ in range(2))
    assert first == second != pack(own_tables(portfolio.facts, 4))


def test_mapped_tables_have_the_snapshots_of_loaded_ones(
    tables: Path, portfolio: Portfolio, tmp_path: Path
) -> None:
    mapped, loaded = Portfolio.map(tables, "EUR", tmp_path).facts, portfolio.facts
    assert pack(shared_tables(mapped)) == pack(shared_tables(loaded))
    for code in range(len(portfolio)):
        packed = pack(own_tables(loaded, code))
        assert pack(own_tables(mapped, code)) == packed
        assert pack_own(mapped, code) == pack_own(loaded, code) == packed


@given(
    st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=9),
    st.text(st.characters(exclude_categories=["Cs"])),
)
def test_every_value_survives(amounts: list[float | None], name: str) -> None:
    rows = [
        {
            "buyer_id": "B",
            "event_date": date(2024, 2, 29),
            "kind": "claim",
            "amount": amount,
            "disputed": None if amount is None else amount > 0,
        }
        for amount in amounts
    ]
    buyers = pa.Table.from_pylist([{"buyer_id": "B", "country": "FR", "name": name}])
    tables = {
        "buyers": conform("buyers", buyers),
        "incidents": pa.Table.from_pylist(rows, schema=TABLES["incidents"].schema),
    }
    again = unpack(pack(tables))
    assert all(again[one].equals(table) for one, table in tables.items())
    assert len(Facts.of(again)["incidents"]) == len(amounts)
