"""Working capital cycle: how long money stays in stock and with customers, who finances it."""

from functools import partial

import numpy as np
from numba import njit

from features.accounts.statements import account_feature
from features.arithmetic import nil, ratio

_feature = partial(account_feature, topic="activity", actionable=True)

DAYS = 365.0

FEATURES = (
    _feature(
        name="asset_turnover",
        unit="ratio",
        formula="annual revenue / total assets",
        monotone=0,
        why="Altman's X5: sets trades apart; low is idle, very high is undercapitalised",
        en="asset turnover",
        fr="rotation de l'actif",
    ),
    _feature(
        name="days_sales_outstanding",
        unit="days",
        formula="365 × receivables / annual revenue",
        monotone=1,
        why="customers who pay late, or receivables that are doubtful",
        en="days sales outstanding",
        fr="délai clients",
    ),
    _feature(
        name="days_inventory",
        unit="days",
        formula="365 × inventory / annual cost of sales",
        monotone=0,
        why="slow stock, but the norm differs by trade",
        en="days of inventory",
        fr="rotation des stocks",
    ),
    _feature(
        name="days_payables",
        unit="days",
        formula="365 × payables / annual cost of sales",
        monotone=1,
        why="a firm short of cash pays its suppliers last",
        en="days payables outstanding",
        fr="délai fournisseurs",
    ),
    _feature(
        name="cash_cycle_days",
        unit="days",
        formula="days sales outstanding + days of inventory - days payables outstanding",
        monotone=0,
        why="a short cycle is a strength, or suppliers left waiting",
        en="cash conversion cycle",
        fr="cycle de trésorerie",
    ),
    _feature(
        name="payables_to_receivables",
        unit="ratio",
        formula="payables / receivables",
        monotone=1,
        why="suppliers finance more than the customers' credit",
        en="payables to receivables",
        fr="dettes fournisseurs sur créances clients",
    ),
    _feature(
        name="inventory_to_revenue",
        unit="share",
        formula="inventory / annual revenue",
        monotone=0,
        why="stands in for days of inventory where cost of sales is not published",
        en="inventory to revenue",
        fr="stocks sur chiffre d'affaires",
    ),
    _feature(
        name="no_cost_of_sales",
        unit="flag",
        formula="cost of sales not above zero",
        monotone=0,
        why="marks days of inventory and of payables that have no denominator",
        en="no cost of sales",
        fr="aucun coût des ventes",
    ),
)


@njit(cache=True, nogil=True, error_model="numpy")
def write(of: np.void, out: np.void) -> None:
    """Write the working capital cycle of the accounts of a year."""
    revenue, cost = of["revenue"], of["cost_of_sales"]
    sales_days = DAYS * ratio(of["receivables"], revenue)
    stock_days = DAYS * ratio(of["inventory"], cost)
    supplier_days = DAYS * ratio(of["payables"], cost)
    out["asset_turnover"] = ratio(revenue, of["total_assets"])
    out["days_sales_outstanding"] = sales_days
    out["days_inventory"] = stock_days
    out["days_payables"] = supplier_days
    out["cash_cycle_days"] = sales_days + stock_days - supplier_days
    out["payables_to_receivables"] = ratio(of["payables"], of["receivables"])
    out["inventory_to_revenue"] = ratio(of["inventory"], revenue)
    out["no_cost_of_sales"] = nil(cost, of["total_assets"])
