"""Classical scores: published formulas, kept as features and as challengers of the model.

Sources: Altman (1968, 1983, 1995), Zmijewski (1984), Ohlson (1980) and Conan and Holder (1979).
The levels of the probabilities they once gave are of their samples; only the order is used.
"""

from functools import partial

import numpy as np
from numba import njit

from features.accounts.statements import account_feature
from features.arithmetic import ratio

_feature = partial(account_feature, unit="score", actionable=True)

Items = np.void  # one year of ACCOUNTS

FEATURES = (
    _feature(
        name="altman_z_private",
        topic="leverage",
        formula="Z' = 0.717 WC/TA + 0.847 RE/TA + 3.107 EBIT/TA + 0.420 BE/TL + 0.998 S/TA",
        monotone=-1,
        why="higher is safer by construction: distress below 1.23, safe above 2.90",
        en="Altman Z' (private firms)",
        fr="Z' d'Altman (sociétés non cotées)",
    ),
    _feature(
        name="altman_z_general",
        topic="leverage",
        formula="Z'' = 6.56 WC/TA + 3.26 RE/TA + 6.72 EBIT/TA + 1.05 BE/TL",
        monotone=-1,
        why="higher is safer by construction: distress below 1.10, safe above 2.60",
        en="Altman Z'' (all trades)",
        fr="Z'' d'Altman (tous secteurs)",
    ),
    _feature(
        name="zmijewski",
        topic="leverage",
        formula="X = -4.336 - 4.513 NI/TA + 5.679 TL/TA + 0.004 CA/CL",
        monotone=1,
        why="higher is riskier by construction, a probit index",
        en="Zmijewski score",
        fr="score de Zmijewski",
    ),
    _feature(
        name="ohlson",
        topic="leverage",
        formula="Ohlson's O, model 1, without the size term (an American price index of 1968)",
        monotone=1,
        why="higher is riskier by construction, a log-odds",
        en="Ohlson score",
        fr="score d'Ohlson",
    ),
    _feature(
        name="conan_holder",
        topic="profitability",
        formula="N = 24 EBITDA/TL + 22 (TA - CL)/TA + 16 (receivables + cash)/TA "
        "- 87 interest/S - 10 personnel/(EBITDA + personnel)",
        monotone=-1,
        why="higher is safer by construction: below 4 failing, above 16 sound",
        en="Conan-Holder score",
        fr="score de Conan et Holder",
    ),
)


@njit(cache=True, nogil=True)
def write(now: Items, before: Items, out: np.void) -> None:
    """Write the five scores of the last accounts; a score with a missing term is missing."""
    out["altman_z_private"] = altman_z_private(now)
    out["altman_z_general"] = altman_z_general(now)
    out["zmijewski"] = zmijewski(now)
    out["ohlson"] = ohlson(now, before["net_income"])
    out["conan_holder"] = conan_holder(now)


@njit(cache=True, nogil=True)
def altman_z_private(a: Items) -> float:
    """Altman's Z' for private manufacturing firms (Altman 1983)."""
    assets = a["total_assets"]
    return (
        0.717 * ratio(a["working_capital"], assets)
        + 0.847 * ratio(a["retained_earnings"], assets)
        + 3.107 * ratio(a["ebit"], assets)
        + 0.420 * ratio(a["equity"], a["total_liabilities"])
        + 0.998 * ratio(a["revenue"], assets)
    )


@njit(cache=True, nogil=True)
def altman_z_general(a: Items) -> float:
    """Altman's Z'' for any trade, without sales (Altman 1995); no constant added."""
    assets = a["total_assets"]
    return (
        6.56 * ratio(a["working_capital"], assets)
        + 3.26 * ratio(a["retained_earnings"], assets)
        + 6.72 * ratio(a["ebit"], assets)
        + 1.05 * ratio(a["equity"], a["total_liabilities"])
    )


@njit(cache=True, nogil=True)
def zmijewski(a: Items) -> float:
    """Zmijewski's probit index (1984)."""
    return (
        -4.336
        - 4.513 * ratio(a["net_income"], a["total_assets"])
        + 5.679 * ratio(a["total_liabilities"], a["total_assets"])
        + 0.004 * ratio(a["current_assets"], a["current_liabilities"])
    )


@njit(cache=True, nogil=True)
def ohlson(a: Items, net_income_before: float) -> float:
    """Ohlson's O (1980, model 1) without its size term."""
    assets, owed, earned = a["total_assets"], a["total_liabilities"], a["net_income"]
    swing = ratio(earned - net_income_before, abs(earned) + abs(net_income_before))
    return (
        -1.32
        + 6.03 * ratio(owed, assets)
        - 1.43 * ratio(a["working_capital"], assets)
        + 0.0757 * ratio(a["current_liabilities"], a["current_assets"])
        - 1.72 * (owed > assets)
        - 2.37 * ratio(earned, assets)
        - 1.83 * ratio(a["operating_cash_flow"], owed)
        + 0.285 * (earned < 0 and net_income_before < 0)
        - 0.521 * swing
    )


@njit(cache=True, nogil=True)
def conan_holder(a: Items) -> float:
    """Conan and Holder's N for small French firms (1979)."""
    assets = a["total_assets"]
    return (
        24 * ratio(a["ebitda"], a["total_liabilities"])
        + 22 * ratio(a["permanent_capital"], assets)
        + 16 * ratio(a["liquid_assets"], assets)
        - 87 * ratio(a["interest"], a["revenue"])
        - 10 * ratio(a["personnel"], a["value_added"])
    )
