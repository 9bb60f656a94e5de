"""Debt and solidity: who carries the losses, the owners or the creditors?

Where equity is negative a ratio to equity would read as low debt (and a loss over it as a gain),
so it is missing and `equity_negative` says why; the same for EBITDA.
"""

from functools import partial

import numpy as np
from numba import njit

from features.accounts.statements import account_feature
from features.arithmetic import nil, ratio

_feature = partial(account_feature, topic="leverage", actionable=True)

FEATURES = (
    _feature(
        name="equity_ratio",
        unit="share",
        formula="equity (else total assets - total liabilities) / total assets",
        monotone=-1,
        why="equity absorbs losses before creditors do",
        en="equity ratio",
        fr="autonomie financière",
    ),
    _feature(
        name="liabilities_to_assets",
        unit="share",
        formula="total liabilities / total assets",
        monotone=1,
        why="the share of assets already owed to others",
        en="liabilities share of assets",
        fr="taux d'endettement global",
    ),
    _feature(
        name="current_liabilities_to_assets",
        unit="share",
        formula="current liabilities / total assets",
        monotone=1,
        why="short-term debts can be called in within the year",
        en="current liabilities share of assets",
        fr="part des dettes à court terme dans l'actif",
    ),
    _feature(
        name="financial_debt_to_assets",
        unit="share",
        formula="financial debt / total assets",
        monotone=0,
        why="lenders check before they lend: some debt is a sign of trust, much is a burden",
        en="financial debt share of assets",
        fr="part des dettes financières dans l'actif",
    ),
    _feature(
        name="debt_to_equity",
        unit="ratio",
        formula="financial debt / equity, missing where equity is not above zero",
        monotone=1,
        why="gearing: lenders' money for each unit of owners' money",
        en="financial debt to equity",
        fr="dettes financières sur fonds propres",
    ),
    _feature(
        name="liabilities_to_equity",
        unit="ratio",
        formula="total liabilities / equity, missing where equity is not above zero",
        monotone=1,
        why="creditors' money for each unit of owners' money",
        en="liabilities to equity",
        fr="dettes totales sur fonds propres",
    ),
    _feature(
        name="equity_negative",
        unit="flag",
        formula="equity not above zero",
        monotone=1,
        why="past losses have eaten the capital; ratios to equity are then missing",
        en="negative equity",
        fr="fonds propres négatifs",
    ),
    _feature(
        name="debt_to_ebitda",
        unit="years",
        formula="financial debt / annual EBITDA, missing where EBITDA is not above zero",
        monotone=1,
        why="years of earnings needed to repay lenders",
        en="years of EBITDA to repay debt",
        fr="années d'EBE pour rembourser la dette",
    ),
    _feature(
        name="net_debt_to_ebitda",
        unit="years",
        formula="(financial debt - cash) / annual EBITDA, missing where EBITDA is not above zero",
        monotone=1,
        why="years of earnings needed to repay lenders once cash is used",
        en="years of EBITDA to repay net debt",
        fr="années d'EBE pour rembourser la dette nette",
    ),
    _feature(
        name="ebitda_negative",
        unit="flag",
        formula="EBITDA not above zero",
        monotone=1,
        why="operations burn cash; ratios to EBITDA are then missing",
        en="negative EBITDA",
        fr="EBE négatif",
    ),
    _feature(
        name="cash_flow_to_liabilities",
        unit="ratio",
        formula="operating cash flow (else net income + depreciation) / total liabilities",
        monotone=-1,
        why="Beaver's ratio: the year's cash against all that is owed",
        en="cash flow to liabilities",
        fr="flux d'exploitation sur dettes totales",
    ),
    _feature(
        name="retained_earnings_to_assets",
        unit="share",
        formula="retained earnings / total assets",
        monotone=-1,
        why="Altman's X2: profits kept over the firm's whole life",
        en="retained earnings share of assets",
        fr="part des réserves dans l'actif",
    ),
    _feature(
        name="short_term_share_of_liabilities",
        unit="share",
        formula="current liabilities / total liabilities",
        monotone=0,
        why="short debts must be rolled over, yet long lenders come to sound firms only",
        en="short-term share of liabilities",
        fr="part à court terme des dettes",
    ),
)


@njit(cache=True, nogil=True, error_model="numpy")
def write(of: np.void, out: np.void) -> None:
    """Write the debt and solidity ratios of the accounts of a year."""
    assets, equity, ebitda = of["total_assets"], of["equity"], of["ebitda"]
    owed, short_term_debts = of["total_liabilities"], of["current_liabilities"]
    out["equity_ratio"] = ratio(equity, assets)
    out["liabilities_to_assets"] = ratio(owed, assets)
    out["current_liabilities_to_assets"] = ratio(short_term_debts, assets)
    out["financial_debt_to_assets"] = ratio(of["financial_debt"], assets)
    out["debt_to_equity"] = ratio(of["financial_debt"], equity)
    out["liabilities_to_equity"] = ratio(owed, equity)
    out["equity_negative"] = nil(equity, assets)
    out["debt_to_ebitda"] = ratio(of["financial_debt"], ebitda)
    out["net_debt_to_ebitda"] = ratio(of["net_debt"], ebitda)
    out["ebitda_negative"] = nil(ebitda, assets)
    out["cash_flow_to_liabilities"] = ratio(of["operating_cash_flow"], owed)
    out["retained_earnings_to_assets"] = ratio(of["retained_earnings"], assets)
    out["short_term_share_of_liabilities"] = ratio(short_term_debts, owed)
