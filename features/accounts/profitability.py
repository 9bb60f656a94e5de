"""Profitability and coverage: does the business earn its costs, its interest, its capital?"""

from functools import partial
from math import isnan

import numpy as np
from numba import njit

from features.accounts.statements import account_feature
from features.arithmetic import nil, ratio

_feature = partial(account_feature, topic="profitability", actionable=True)

FEATURES = (
    _feature(
        name="return_on_assets",
        unit="share",
        formula="annual net income / total assets",
        monotone=-1,
        why="profit on all that is employed",
        en="return on assets",
        fr="rentabilité de l'actif",
    ),
    _feature(
        name="operating_return_on_assets",
        unit="share",
        formula="annual EBIT (else EBITDA - depreciation) / total assets",
        monotone=-1,
        why="Altman's X3: earning power whatever the financing and the tax",
        en="operating return on assets",
        fr="rentabilité économique",
    ),
    _feature(
        name="ebitda_to_assets",
        unit="share",
        formula="annual EBITDA (else EBIT + depreciation) / total assets",
        monotone=-1,
        why="cash earning power of the assets",
        en="EBITDA on assets",
        fr="EBE sur actif",
    ),
    _feature(
        name="return_on_equity",
        unit="share",
        formula="annual net income / equity, missing where equity is not above zero",
        monotone=0,
        why="high for a good business and for one with hardly any capital left",
        en="return on equity",
        fr="rentabilité des fonds propres",
    ),
    _feature(
        name="gross_margin",
        unit="share",
        formula="(revenue - cost of sales) / revenue",
        monotone=0,
        why="sets trades apart more than firms",
        en="gross margin",
        fr="taux de marge brute",
    ),
    _feature(
        name="ebitda_margin",
        unit="share",
        formula="EBITDA / revenue",
        monotone=-1,
        why="room before operations burn cash",
        en="EBITDA margin",
        fr="taux de marge d'EBE",
    ),
    _feature(
        name="operating_margin",
        unit="share",
        formula="EBIT / revenue",
        monotone=-1,
        why="room before operations lose money",
        en="operating margin",
        fr="taux de marge d'exploitation",
    ),
    _feature(
        name="net_margin",
        unit="share",
        formula="net income / revenue",
        monotone=-1,
        why="room before a loss",
        en="net margin",
        fr="taux de marge nette",
    ),
    _feature(
        name="loss",
        unit="flag",
        formula="net income below zero",
        monotone=1,
        why="a loss uses up equity",
        en="loss in the last accounts",
        fr="perte au dernier exercice",
    ),
    _feature(
        name="no_revenue",
        unit="flag",
        formula="revenue not above zero",
        monotone=0,
        why="marks margins that have no denominator: a holding or a dormant firm",
        en="no revenue",
        fr="aucun chiffre d'affaires",
    ),
    _feature(
        name="interest_cover",
        unit="ratio",
        formula="EBIT / interest, missing where interest is not above zero",
        monotone=-1,
        why="earnings pay the lenders",
        en="interest cover",
        fr="couverture des frais financiers",
    ),
    _feature(
        name="interest_to_ebitda",
        unit="share",
        formula="interest / EBITDA, missing where EBITDA is not above zero",
        monotone=1,
        why="the share of cash earnings that goes to lenders",
        en="interest share of EBITDA",
        fr="poids des frais financiers dans l'EBE",
    ),
    _feature(
        name="interest_to_revenue",
        unit="share",
        formula="interest / revenue",
        monotone=1,
        why="Conan and Holder's R4: the weight of financing on sales",
        en="interest share of revenue",
        fr="poids des frais financiers dans le chiffre d'affaires",
    ),
    _feature(
        name="no_interest",
        unit="flag",
        formula="interest not above zero",
        monotone=0,
        why="marks a cover that has no denominator; no lender, by choice or for want of one",
        en="no interest paid",
        fr="aucun frais financier",
    ),
    _feature(
        name="personnel_to_value_added",
        unit="share",
        formula="personnel / (EBITDA + personnel), missing where value added is not above zero",
        monotone=1,
        why="Conan and Holder's R5: wages leave little of the value added",
        en="personnel share of value added",
        fr="poids du personnel dans la valeur ajoutée",
    ),
)


@njit(cache=True, nogil=True, error_model="numpy")
def write(of: np.void, out: np.void) -> None:
    """Write the profitability and coverage ratios of the accounts of a year."""
    assets, revenue, interest = of["total_assets"], of["revenue"], of["interest"]
    net_income, ebit, ebitda = of["net_income"], of["ebit"], of["ebitda"]
    out["return_on_assets"] = ratio(net_income, assets)
    out["operating_return_on_assets"] = ratio(ebit, assets)
    out["ebitda_to_assets"] = ratio(ebitda, assets)
    out["return_on_equity"] = ratio(net_income, of["equity"])
    out["gross_margin"] = ratio(of["gross_profit"], revenue)
    out["ebitda_margin"] = ratio(ebitda, revenue)
    out["operating_margin"] = ratio(ebit, revenue)
    out["net_margin"] = ratio(net_income, revenue)
    out["loss"] = np.nan if isnan(net_income) else 1.0 if net_income < 0 else 0.0
    out["no_revenue"] = nil(revenue, assets)
    out["interest_cover"] = ratio(ebit, interest)
    out["interest_to_ebitda"] = ratio(interest, ebitda)
    out["interest_to_revenue"] = ratio(interest, revenue)
    out["no_interest"] = nil(interest, assets)
    out["personnel_to_value_added"] = ratio(of["personnel"], of["value_added"])
