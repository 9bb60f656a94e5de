"""What is usual is the median of a buyer's trade on the day."""

import numpy as np
import pytest

from features.build import feature_matrix
from features.facts import Keys
from serving import peers as peers_module
from serving.peers import Peers
from serving.portfolio import Portfolio

DAY = 20_269  # 2025-06-30


def test_the_median_is_that_of_the_buyers_of_the_sector(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers_module, "FEWEST", 3)
    people = ("natural_person", "sole_trader")
    usual = Peers(portfolio.facts, people).usual(16, DAY)
    sectors = [portfolio.text("sector", b) for b in range(len(portfolio))]
    kinds = [portfolio.text("entity_type", b) for b in range(len(portfolio))]
    codes = [
        b
        for b, (sector, kind) in enumerate(zip(sectors, kinds, strict=True))
        if sector.startswith(usual.sector) and kind not in people
    ]
    assert usual.sector == sectors[16][: len(usual.sector)]
    assert usual.peers == len(codes) >= 3
    keys = Keys(np.array(codes), np.full(len(codes), DAY, np.int32))
    matrix = feature_matrix(portfolio.facts, keys)
    known = ~np.isnan(matrix).all(axis=0)
    np.testing.assert_array_equal(np.isfinite(usual.medians), known)
    np.testing.assert_array_equal(usual.medians[known], np.nanmedian(matrix[:, known], axis=0))


def test_where_peers_are_few_the_circle_widens(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers_module, "FEWEST", len(portfolio) + 1)
    everyone = Peers(portfolio.facts).usual(16, DAY)
    assert everyone.sector == ""
    assert everyone.peers == len(portfolio)


def test_a_group_is_computed_once_and_few_are_kept(
    portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peers_module, "KEPT", 2)
    peers = Peers(portfolio.facts)
    first = peers.usual(16, DAY)
    assert peers.usual(16, DAY) is first
    for day in (DAY - 1, DAY - 2):
        peers.usual(16, day)
    assert len(peers._kept) == 2
    assert peers.usual(16, DAY) is not first


def test_of_many_some_speak_for_all(portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers_module, "MOST", 20)
    monkeypatch.setattr(peers_module, "FEWEST", len(portfolio) + 1)
    assert Peers(portfolio.facts).usual(16, DAY).peers == 20
