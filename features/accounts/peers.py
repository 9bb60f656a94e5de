"""Peers: where a buyer's accounts stand among those of other firms published by the same day.

A ratio that is poor in a good year may be common in a bad one; a rank is not moved by the year. The
quantiles are a table of their own (`features.accounts.peer_table` makes one of a portfolio), so
that one buyer's row needs no other buyer's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import Column
from features.as_of import latest
from features.facts import Facts, Keys
from features.feature import Feature
from features.tables import PEER_SHARES, peer_column

SHARES = np.array(PEER_SHARES) / 100

RANKED = frozenset({
    *("log_market_value", "log_total_assets"),
    *("market_value_growth_1y", "market_value_growth_2y", "market_value_growth_3y"),
    *("market_value_to_peak", "market_to_liabilities", "market_to_assets", "market_to_book"),
    *("market_to_revenue", "earnings_yield", "return_on_market_assets", "distance_to_default"),
    *("return_on_assets", "operating_return_on_assets", "ebitda_to_assets"),
    *("cash_flow_to_liabilities", "retained_earnings_to_assets", "working_capital_to_assets"),
    *("equity_ratio", "liabilities_to_assets", "financial_debt_to_assets", "current_ratio"),
    *("altman_z_general", "ohlson", "revenue_growth_1y", "total_assets_growth_1y"),
})  # fmt: skip
SUFFIX = "_among_peers"


def ranks_of(features: Sequence[Feature]) -> tuple[Feature, ...]:
    """The rank among peers of each of `features` that has one; it moves as the ratio does."""
    return tuple(
        replace(
            feature,
            name=feature.name + SUFFIX,
            unit="share",
            formula=f"share of firms with a lower {feature.name}, by the quantiles in table peers",
            source="statements, peers",
            known=f"{feature.known}; latest quantiles published by as_of_date",
            en=f"{feature.en}, rank among peers",
            fr=f"{feature.fr}, rang parmi ses pairs",
            actionable=False,
        )
        for feature in features
        if feature.name in RANKED
    )


def columns(facts: Facts, keys: Keys, ratios: Mapping[str, Column]) -> dict[str, Column]:
    """The ranks of `ratios` among peers, 0 to 1; missing where none are published."""
    peers = facts["peers"]
    if not len(peers):
        unknown = np.full(len(keys), np.nan)
        return {name + SUFFIX: unknown for name in RANKED}
    quantiles = np.column_stack([peers[peer_column(share)] for share in PEER_SHARES])
    ranks = {}
    for name in RANKED:
        owner = np.full(len(keys), peers.code("measure", name))
        row = latest(peers, "published_on", owner, keys.as_of)
        ranks[name + SUFFIX] = _rank(ratios[name], quantiles, row)
    return ranks


@njit(cache=True, nogil=True)
def _rank(values: NDArray, quantiles: NDArray, row: NDArray) -> NDArray:
    """Where each value lies between the quantiles of its row; the outermost are the bounds."""
    out = np.full(len(values), np.nan)
    for key in range(len(values)):
        if row[key] >= 0 and not np.isnan(values[key]):
            out[key] = np.interp(values[key], quantiles[row[key]], SHARES)
    return out
