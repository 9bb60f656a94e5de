"""Peers: where a buyer's accounts stand among those of other firms published by the same day.

A ratio that is poor in a good year may be common in a bad one; a rank is not moved by the year. The
quantiles are a table of their own (`features.accounts.peer_table` makes one of a portfolio), so
that one buyer's row needs no other buyer's.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.as_of import EVER, latest_row
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


def write(facts: Facts, keys: Keys, names: Sequence[str], matrix: NDArray[np.float64]) -> None:
    """Write the rank among peers, 0 to 1, of each ratio that has one into its column of `matrix`
    (keys, names); nothing where no quantiles are published."""
    if len(facts["peers"]):
        own = np.array([names.index(name) for name in RANKED])
        ranks = np.array([names.index(name + SUFFIX) for name in RANKED])
        _rank(facts.once(_quantiles), keys.as_of, own, ranks, matrix)


def _quantiles(facts: Facts) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
    """What `_rank` reads of table `peers`; who owns a ratio's quantiles is its code there."""
    peers = facts["peers"]
    owner = np.array([peers.code("measure", name) for name in RANKED])
    quantiles = np.column_stack([peers[peer_column(share)] for share in PEER_SHARES])
    return peers.start, peers.known, peers["published_on"], owner, quantiles


@njit(cache=True, nogil=True)
def _rank(
    published: tuple[NDArray, NDArray, NDArray, NDArray, NDArray],
    as_of: NDArray,
    own: NDArray,
    ranks: NDArray,
    matrix: NDArray,
) -> None:
    """Where each value lies between the latest quantiles; the outermost are the bounds."""
    start, known, published_on, owner, quantiles = published
    for key in range(len(as_of)):
        day = as_of[key]
        for place in range(len(owner)):
            value = matrix[key, own[place]]
            row = latest_row(start, known, published_on, owner[place], day, EVER, day)
            if row >= 0 and not np.isnan(value):
                matrix[key, ranks[place]] = np.interp(value, quantiles[row], SHARES)
