"""Accounts: every feature of the published accounts, from one look-up of four years.

The families stand in modules of their own; size and the amounts that limits are made of stand
here, the only ones in a currency.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.accounts import classical_scores, disclosure, growth, market, peers, ratios
from features.accounts.statements import YEARS, Statements, account_feature, published
from features.arithmetic import clean, logarithm
from features.currency import conversion
from features.facts import Facts, Keys

AMOUNTS = (
    account_feature(
        name="log_total_assets",
        topic="profile",
        unit="log currency",
        formula="ln(total assets), in the currency of the answers",
        monotone=0,
        why="small firms fail more often, but assets beyond what they earn are a burden",
        en="total assets",
        fr="total de l'actif",
    ),
    account_feature(
        name="log_revenue",
        topic="profile",
        unit="log currency",
        formula="ln(annual revenue), in the currency of the answers",
        monotone=0,
        why="small firms fail more often, but sales beyond what is earned on them are a burden",
        en="revenue",
        fr="chiffre d'affaires",
    ),
    account_feature(
        name="log_market_value",
        topic="profile",
        unit="log currency",
        formula="ln(market value), in the currency of the answers",
        monotone=-1,
        why="what investors would pay is what is left beyond the debts",
        en="market value",
        fr="valeur boursière",
    ),
    account_feature(
        name="net_worth",
        topic="leverage",
        unit="currency",
        formula="equity as published (else total assets - total liabilities)",
        monotone=0,
        why="an amount for the limit engine",
        en="net worth",
        fr="fonds propres",
        role="limit",
    ),
    account_feature(
        name="turnover",
        topic="profile",
        unit="currency",
        formula="annual revenue",
        monotone=0,
        why="an amount for the limit engine",
        en="turnover",
        fr="chiffre d'affaires annuel",
        role="limit",
    ),
)

OWN = (
    *ratios.FEATURES,
    *market.FEATURES,
    *classical_scores.FEATURES,
    *growth.FEATURES,
    *disclosure.FEATURES,
    *AMOUNTS,
)
FEATURES = (*OWN, *peers.ranks_of(OWN))
NAMES = tuple(feature.name for feature in FEATURES)
NAMED = np.dtype([(name, np.float64) for name in NAMES])  # a row of the matrix, by name
GROWTH = slice(NAMES.index(growth.FEATURES[0].name), NAMES.index(growth.FEATURES[-1].name) + 1)

_ratios, _market, _scores = ratios.write, market.write, classical_scores.write
_growth, _disclosure = growth.write, disclosure.write
_FIRST_GROWTH, _END_GROWTH = GROWTH.start, GROWTH.stop


def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """The accounts features, shape (len(keys), len(FEATURES)); missing where nothing is known."""
    found, rates = published(facts, keys), conversion(facts, "statements", keys.as_of)
    matrix = np.full((len(keys), len(FEATURES)), np.nan)
    named, of_years = matrix.view(NAMED)[:, 0], np.empty(YEARS, ratios.RATIOS)
    unnamed = of_years.view(np.float64).reshape(YEARS, -1)
    _fill(
        facts.once(Statements.of), rates, keys.buyer, keys.as_of,
        *found, found.amounts, of_years, unnamed, named, matrix,
    )  # fmt: skip
    peers.write(facts, keys, NAMES, matrix)
    clean(matrix)
    return matrix


@njit(cache=True, nogil=True)
def _fill(
    statements: Statements,
    rates: NDArray,
    buyer: NDArray,
    as_of: NDArray,
    accounts: NDArray,
    rows: NDArray,
    amounts: NDArray,
    of_years: NDArray,
    unnamed: NDArray,
    named: NDArray,
    matrix: NDArray,
) -> None:
    """Write the features of each key; `amounts` are the accounts, `unnamed` the ratios `of_years`
    and `matrix` what is `named`, without names."""
    for key in range(len(buyer)):
        years, row, out = accounts[key], rows[key, 0], named[key]
        for year in range(YEARS):
            _ratios(years[year], of_years[year])
        matrix[key, : unnamed.shape[1]] = unnamed[0]  # they come first
        _market(years, out)
        _scores(years[0], years[1], out)
        _growth(amounts[key], unnamed, row >= 0, matrix[key, _FIRST_GROWTH:_END_GROWTH])
        _disclosure(statements, buyer[key], as_of[key], row, years[0], out)
        convert = len(rates) and row >= 0
        _amounts(years[0], rates[key, statements.currency[row]] if convert else 1.0, out)


@njit(cache=True, nogil=True)
def _amounts(now: np.void, rate: float, out: np.void) -> None:
    """Write the amounts, in the currency of the answers."""
    revenue = now["revenue"] * rate
    out["log_total_assets"] = logarithm(now["total_assets"] * rate)
    out["log_revenue"] = logarithm(revenue)
    out["log_market_value"] = logarithm(now["market_value"] * rate)
    out["net_worth"] = now["equity"] * rate
    out["turnover"] = revenue
