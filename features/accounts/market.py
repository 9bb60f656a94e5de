"""Market value: what investors think the owners' share is worth, where the buyer is listed."""

from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.accounts.growth import SPANS
from features.accounts.statements import account_feature
from features.arithmetic import Column, dispersion, growth, logarithm, ratio

_feature = partial(account_feature, topic="leverage")

FEATURES = (
    _feature(
        name="market_to_liabilities",
        unit="ratio",
        formula="market value / total liabilities",
        monotone=-1,
        why="Altman's X4 (1968): how far value may fall before debts exceed it",
        en="market value to liabilities",
        fr="valeur boursière sur dettes totales",
    ),
    _feature(
        name="market_to_book",
        unit="ratio",
        formula="market value / equity, missing where equity is not above zero",
        monotone=0,
        why="low where investors expect losses, high where hardly any capital is left",
        en="market to book",
        fr="valeur boursière sur fonds propres",
    ),
    _feature(
        name="market_to_assets",
        unit="ratio",
        formula="market value / total assets",
        monotone=0,
        why="low where assets earn little; high where they are few",
        en="market value to assets",
        fr="valeur boursière sur actif",
    ),
    _feature(
        name="market_to_revenue",
        unit="ratio",
        formula="market value / annual revenue",
        monotone=0,
        why="a price on hopes as much as on sales",
        en="market value to revenue",
        fr="valeur boursière sur chiffre d'affaires",
    ),
    _feature(
        name="earnings_yield",
        unit="share",
        formula="annual net income / market value",
        monotone=-1,
        why="a loss that is large beside the firm's price cannot be repeated",
        en="earnings yield",
        fr="rendement bénéficiaire",
    ),
    _feature(
        name="return_on_market_assets",
        unit="share",
        formula="annual net income / (market value + total liabilities)",
        monotone=-1,
        why="Shumway's NIMTA: profit on assets at market prices",
        en="return on assets at market value",
        fr="rentabilité de l'actif à valeur de marché",
    ),
    *(
        _feature(
            name=f"market_value_growth_{span}y",
            unit="share",
            formula=f"(market value - market value {over} before) / market value {over} before",
            monotone=0,
            why="investors see trouble before the accounts do, but a fall may be of a bubble",
            en=f"market value, growth over {over}",
            fr=f"valeur boursière, croissance sur {sur}",
        )
        for span, over, sur in SPANS
    ),
    _feature(
        name="market_value_to_peak",
        unit="share",
        formula="market value / its highest at the last 4 closings, as far as known",
        monotone=-1,
        why="what investors have given up on",
        en="market value to its peak of 4 years",
        fr="valeur boursière sur son plus haut de 4 ans",
    ),
    _feature(
        name="distance_to_default",
        unit="score",
        formula="(ln((E + L)/L) + g - s²/2) / s, naive Merton; E market value, L total "
        "liabilities, g its last yearly log change, d the deviation of 3 of them, "
        "s = (E d + L (0.05 + d/4)) / (E + L)",
        monotone=-1,
        why="Bharath and Shumway (2008): standard deviations between the assets and the debts",
        en="distance to default",
        fr="distance au défaut",
    ),
)


@njit(cache=True, nogil=True, error_model="numpy")
def write(years: NDArray, out: np.void) -> None:
    """Write the market-based ratios, from the accounts of all years; missing where not listed."""
    now, values = years[0], years["market_value"]
    value, owed, income = values[0], now["total_liabilities"], now["net_income"]
    peak = value
    for before in values:
        peak = np.fmax(peak, before)
    out["market_to_liabilities"] = ratio(value, owed)
    out["market_to_book"] = ratio(value, now["equity"])
    out["market_to_assets"] = ratio(value, now["total_assets"])
    out["market_to_revenue"] = ratio(value, now["revenue"])
    out["earnings_yield"] = ratio(income, value)
    out["return_on_market_assets"] = ratio(income, value + owed)
    out["market_value_growth_1y"] = growth(value, values[1])
    out["market_value_growth_2y"] = growth(value, values[2])
    out["market_value_growth_3y"] = growth(value, values[3])
    out["market_value_to_peak"] = ratio(value, peak)
    out["distance_to_default"] = _distance_to_default(values, owed)


@njit(cache=True, nogil=True, error_model="numpy")
def _distance_to_default(values: Column, owed: float) -> float:
    """`values`: market value of each year, newest first; `owed`: total liabilities."""
    changes = logarithm(ratio(values[:-1], values[1:]))
    deviation = dispersion(changes)
    owners = ratio(values[0], values[0] + owed)
    spread = owners * deviation + (1 - owners) * (0.05 + 0.25 * deviation)
    cushion = logarithm(ratio(values[0] + owed, owed))
    return ratio(cushion + changes[0] - spread**2 / 2, spread)
