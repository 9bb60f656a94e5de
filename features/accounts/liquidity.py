"""Liquidity: can the buyer pay what falls due within the year?"""

from functools import partial

import numpy as np
from numba import njit

from features.accounts.statements import account_feature
from features.arithmetic import nil, ratio

_feature = partial(account_feature, topic="liquidity", actionable=True)

FEATURES = (
    _feature(
        name="current_ratio",
        unit="ratio",
        formula="current assets / current liabilities",
        monotone=-1,
        why="short-term assets cover short-term debts",
        en="current ratio",
        fr="liquidité générale",
    ),
    _feature(
        name="quick_ratio",
        unit="ratio",
        formula="(current assets - inventory) / current liabilities",
        monotone=-1,
        why="covers short-term debts without selling stock",
        en="quick ratio",
        fr="liquidité réduite",
    ),
    _feature(
        name="cash_ratio",
        unit="ratio",
        formula="cash / current liabilities",
        monotone=-1,
        why="cash at hand covers short-term debts",
        en="cash ratio",
        fr="liquidité immédiate",
    ),
    _feature(
        name="cash_to_assets",
        unit="share",
        formula="cash / total assets",
        monotone=-1,
        why="cash is the last buffer before default",
        en="cash share of assets",
        fr="part de la trésorerie dans l'actif",
    ),
    _feature(
        name="working_capital_to_assets",
        unit="share",
        formula="(current assets - current liabilities) / total assets",
        monotone=-1,
        why="Altman's X1: lasting losses eat working capital first",
        en="working capital share of assets",
        fr="fonds de roulement sur actif",
    ),
    _feature(
        name="working_capital_to_revenue",
        unit="share",
        formula="(current assets - current liabilities) / annual revenue",
        monotone=0,
        why="too little starves the firm, too much hides slow stock and doubtful receivables",
        en="working capital to revenue",
        fr="fonds de roulement sur chiffre d'affaires",
    ),
    _feature(
        name="quick_assets_to_assets",
        unit="share",
        formula="(current assets - inventory) / total assets",
        monotone=0,
        why="a matter of trade as much as of strength",
        en="quick assets share of assets",
        fr="part des actifs liquides dans l'actif",
    ),
    _feature(
        name="cash_flow_to_current_liabilities",
        unit="ratio",
        formula="operating cash flow (else net income + depreciation) / current liabilities",
        monotone=-1,
        why="the year's cash repays short-term debts",
        en="cash flow to current liabilities",
        fr="flux d'exploitation sur dettes à court terme",
    ),
    _feature(
        name="cash_runway_years",
        unit="years",
        formula="(current assets - inventory - receivables) / -EBITDA, missing where EBITDA is not "
        "below zero",
        monotone=-1,
        why="how long losses can go on before cash and the like are gone",
        en="years of losses that cash covers",
        fr="années de pertes couvertes par la trésorerie",
    ),
    _feature(
        name="no_current_liabilities",
        unit="flag",
        formula="current liabilities not above zero",
        monotone=0,
        why="marks ratios that have no denominator: a shell, or an error of the source",
        en="no current liabilities",
        fr="aucune dette à court terme",
    ),
)


@njit(cache=True, nogil=True, error_model="numpy")
def write(of: np.void, out: np.void) -> None:
    """Write the liquidity ratios of the accounts of a year."""
    assets, short_term_debts = of["total_assets"], of["current_liabilities"]
    out["current_ratio"] = ratio(of["current_assets"], short_term_debts)
    out["quick_ratio"] = ratio(of["quick_assets"], short_term_debts)
    out["cash_ratio"] = ratio(of["cash"], short_term_debts)
    out["cash_to_assets"] = ratio(of["cash"], assets)
    out["working_capital_to_assets"] = ratio(of["working_capital"], assets)
    out["working_capital_to_revenue"] = ratio(of["working_capital"], of["revenue"])
    out["quick_assets_to_assets"] = ratio(of["quick_assets"], assets)
    out["cash_flow_to_current_liabilities"] = ratio(of["operating_cash_flow"], short_term_debts)
    out["cash_runway_years"] = ratio(of["quick_assets"] - of["receivables"], -of["ebitda"])
    out["no_current_liabilities"] = nil(short_term_debts, assets)
