"""Market value: what investors think the owners' share is worth, where the buyer is listed."""

from collections.abc import Sequence
from functools import partial

from features.arithmetic import Column, dispersion, growth, logarithm, ratio
from features.statements import Year, account_feature

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
        name="return_on_market_assets",
        unit="share",
        formula="annual net income / (market value + total liabilities)",
        monotone=-1,
        why="Shumway's NIMTA: profit on assets at market prices",
        en="return on assets at market value",
        fr="rentabilité de l'actif à valeur de marché",
    ),
    _feature(
        name="market_value_growth_1y",
        unit="share",
        formula="growth of market value over one year",
        monotone=-1,
        why="investors see trouble before the accounts do",
        en="market value growth over 1 year",
        fr="variation de la valeur boursière sur 1 an",
    ),
    _feature(
        name="market_value_growth_3y",
        unit="share",
        formula="growth of market value over three years",
        monotone=0,
        why="a long rise may be a trend or a bubble",
        en="market value growth over 3 years",
        fr="variation de la valeur boursière sur 3 ans",
    ),
    _feature(
        name="distance_to_default",
        unit="score",
        formula="(ln((E + L)/L) + g - s²/2) / s, naive Merton: E market value, L total liabilities, "
        "g its last yearly log change, s = E/(E + L) × deviation of yearly log changes over "
        "3 years + L/(E + L) × (0.05 + a quarter of that deviation)",
        monotone=-1,
        why="Bharath and Shumway (2008): standard deviations between the assets and the debts",
        en="distance to default",
        fr="distance au défaut",
    ),
)


def columns(years: Sequence[Year]) -> dict[str, Column]:
    """The market-based ratios; missing where the buyer is not listed."""
    now, before, _, long_ago = years
    value, owed = now["market_value"], now["total_liabilities"]
    return {
        "market_to_liabilities": ratio(value, owed),
        "market_to_book": ratio(value, now["equity"]),
        "return_on_market_assets": ratio(now["net_income"], value + owed),
        "market_value_growth_1y": growth(value, before["market_value"]),
        "market_value_growth_3y": growth(value, long_ago["market_value"]),
        "distance_to_default": _distance_to_default(years),
    }


def _distance_to_default(years: Sequence[Year]) -> Column:
    logs = logarithm(years[0].accounts["market_value"])
    changes = logs[:-1] - logs[1:]
    deviation = dispersion(changes)
    value, owed = years[0]["market_value"], years[0]["total_liabilities"]
    owners = ratio(value, value + owed)
    spread = owners * deviation + (1 - owners) * (0.05 + 0.25 * deviation)
    cushion = logarithm(ratio(value + owed, owed))
    return ratio(cushion + changes[0] - spread**2 / 2, spread)
