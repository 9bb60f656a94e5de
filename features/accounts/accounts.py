"""Accounts: every feature of the published accounts, from one look-up of four years.

The families stand in modules of their own; size and the amounts that limits are made of stand
here, the only ones in a currency.
"""

import numpy as np
from numpy.typing import NDArray

from features.accounts import (
    activity,
    classical_scores,
    disclosure,
    growth,
    leverage,
    liquidity,
    market,
    peers,
    profitability,
)
from features.accounts.statements import Year, account_feature, published
from features.arithmetic import Column, logarithm, stack
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

RATIOS = (liquidity, leverage, profitability, activity)

OWN = (
    *(feature for family in RATIOS for feature in family.FEATURES),
    *market.FEATURES,
    *classical_scores.FEATURES,
    *growth.FEATURES,
    *disclosure.FEATURES,
    *AMOUNTS,
)
FEATURES = (*OWN, *peers.ranks_of(OWN))


@np.errstate(over="ignore", invalid="ignore")  # absurd amounts overflow, and end as missing
def build(facts: Facts, keys: Keys) -> NDArray[np.float64]:
    """The accounts features, shape (len(keys), len(FEATURES)); missing where nothing is known."""
    years = published(facts, keys)
    now, before = years[0], years[1]
    ratios: dict[str, Column] = {}
    for family in RATIOS:
        ratios |= family.columns(now.accounts)
    columns = {
        **{name: column[0] for name, column in ratios.items()},
        **market.columns(now.accounts),
        **classical_scores.columns(now, before),
        **growth.columns(now.accounts, ratios),
        **disclosure.columns(facts, keys, now),
        **_amounts(now, _rate(facts, keys, now)),
    }
    return stack(columns | peers.columns(facts, keys, columns), FEATURES)


def _amounts(now: Year, rate: Column) -> dict[str, Column]:
    revenue = now["revenue"] * rate
    return {
        "log_total_assets": logarithm(now["total_assets"] * rate),
        "log_revenue": logarithm(revenue),
        "log_market_value": logarithm(now["market_value"] * rate),
        "net_worth": now["equity"] * rate,
        "turnover": revenue,
    }


def _rate(facts: Facts, keys: Keys, now: Year) -> Column:
    """What one unit of each key's statement is worth in the currency of the answers."""
    rates = conversion(facts, "statements", keys.as_of)
    if not rates.size:
        return np.ones(len(keys))
    return rates[np.arange(len(keys)), facts["statements"]["currency"][now.row]]
