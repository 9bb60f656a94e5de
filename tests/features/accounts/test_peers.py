from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from features.accounts import accounts
from features.accounts.peer_table import FEWEST, peer_table
from features.accounts.peers import RANKED, SUFFIX
from features.build import feature_matrix
from features.catalog import CATALOG, column
from features.facts import Facts
from features.tables import TABLES

DAY, YEAR_LATER = date(2024, 12, 31), date(2025, 12, 31)
FIRMS = 2 * FEWEST


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    """Firm i has an equity ratio of (i + 0.5)/FIRMS at the end of 2023, one less a year later."""
    ids = [f"B{i:03}" for i in range(FIRMS)]
    ratio = (np.arange(FIRMS) + 0.5) / FIRMS
    years = [
        pa.table(
            {
                "buyer_id": ids,
                "closing_date": [closing] * FIRMS,
                "available_at": [published] * FIRMS,
                "total_assets": [1.0] * FIRMS,
                "equity": equity,
            }
        )
        for closing, published, equity in (
            (date(2023, 12, 31), date(2024, 6, 30), ratio),
            (date(2024, 12, 31), date(2025, 6, 30), ratio - 1),
        )
    ]
    return {
        "buyers": pa.table({"buyer_id": ids, "country": ["FR"] * FIRMS}),
        "statements": pa.concat_tables(years),
    }


@pytest.fixture(scope="module")
def peers(tables: dict[str, pa.Table]) -> pa.Table:
    """Quantiles of the firms themselves at the end of both years."""
    return peer_table(Facts.of(tables), [DAY, YEAR_LATER])


def ranks(tables: dict[str, pa.Table], day: date) -> np.ndarray:
    facts = Facts.of(tables)
    keys = facts.keys(facts.buyer_ids.tolist(), np.full(FIRMS, day))
    return feature_matrix(facts, keys)[:, column("equity_ratio" + SUFFIX)]


def test_the_table_has_the_quantiles_of_each_day(peers: pa.Table) -> None:
    rows = {r["published_on"]: r for r in peers.to_pylist() if r["measure"] == "equity_ratio"}
    assert rows[DAY]["p50"] == pytest.approx(0.5)
    assert rows[DAY]["p05"] == pytest.approx(0.05, abs=1 / FIRMS)
    assert rows[YEAR_LATER]["p50"] == pytest.approx(-0.5)


def test_a_rank_is_the_share_of_firms_below(tables, peers) -> None:
    got = ranks(tables | {"peers": peers}, DAY)
    expected = (np.arange(FIRMS) + 0.5) / FIRMS
    assert got == pytest.approx(expected.clip(0.01, 0.99), abs=1 / FIRMS)


def test_a_rank_does_not_move_when_all_firms_do(tables, peers) -> None:
    both = tables | {"peers": peers}
    assert ranks(both, YEAR_LATER) == pytest.approx(ranks(both, DAY))


def test_later_quantiles_are_not_known(tables, peers) -> None:
    earlier = peers.filter(pc.less_equal(peers["published_on"], DAY))
    now = ranks(tables | {"peers": peers}, DAY)
    assert np.array_equal(ranks(tables | {"peers": earlier}, DAY), now)
    before_any = ranks(tables | {"peers": peers}, date(2024, 6, 30))
    assert np.isnan(before_any).all()


def test_one_firm_alone_has_the_rank_it_has_among_all(tables, peers) -> None:
    alone = {
        name: table.filter(pc.equal(table["buyer_id"], "B017")) for name, table in tables.items()
    }
    facts = Facts.of(alone | {"peers": peers})
    got = feature_matrix(facts, facts.keys(["B017"], np.array([DAY])))
    assert got[0, column("equity_ratio" + SUFFIX)] == ranks(tables | {"peers": peers}, DAY)[17]


def test_without_the_table_ranks_are_missing(tables) -> None:
    assert np.isnan(ranks(tables, DAY)).all()


def test_too_few_firms_make_no_quantiles(tables) -> None:
    few = tables | {"statements": tables["statements"].slice(0, FEWEST - 1)}
    assert peer_table(Facts.of(few), [DAY]).num_rows == 0
    assert peer_table(Facts.of(few), []).schema.equals(TABLES["peers"].schema)


def test_every_ranked_ratio_is_a_feature_and_keeps_its_sign() -> None:
    of = {feature.name: feature for feature in CATALOG}
    assert {feature.name for feature in accounts.OWN} >= RANKED
    for name in RANKED:
        assert of[name + SUFFIX].monotone == of[name].monotone
        assert of[name + SUFFIX].topic == of[name].topic
