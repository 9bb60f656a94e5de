"""Growth and stability: where the accounts come from, over one to three years."""

from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.accounts.ratios import NAMES as RATIOS
from features.accounts.statements import ITEMS, YEARS, account_feature
from features.arithmetic import dispersion, growth

SPANS = ((1, "1 year", "1 an"), (2, "2 years", "2 ans"), (3, "3 years", "3 ans"))

# Seen beside today's level, a gain also means a worse past: theory gives these no sign.
AMBIGUOUS = "an improvement, but from a worse past"

# items that grow or shrink: why there is no sign, English, French
GROWING = {
    "revenue": ("falling sales and reckless growth both kill", "revenue", "chiffre d'affaires"),
    "total_assets": ("firms in trouble sell assets, others overtrade", "assets", "actif"),
    "equity": (AMBIGUOUS, "equity", "fonds propres"),
    "total_liabilities": ("debts pay for growth or for losses", "liabilities", "dettes totales"),
    "financial_debt": ("lenders come, or leave", "financial debt", "dettes financières"),
    "receivables": ("more sales, or slower customers", "receivables", "créances clients"),
    "inventory": ("sales to come, or stock that does not sell", "inventory", "stocks"),
}

# ratios that improve or worsen: English, French
CHANGING = {
    "equity_ratio": ("equity ratio", "autonomie financière"),
    "current_ratio": ("current ratio", "liquidité générale"),
    "operating_return_on_assets": ("operating return on assets", "rentabilité économique"),
    "return_on_assets": ("return on assets", "rentabilité de l'actif"),
    "ebitda_margin": ("EBITDA margin", "taux de marge d'EBE"),
    "retained_earnings_to_assets": (
        "retained earnings share of assets",
        "part des réserves dans l'actif",
    ),
    "financial_debt_to_assets": (
        "financial debt share of assets",
        "part des dettes financières dans l'actif",
    ),
    "short_term_share_of_liabilities": (
        "short-term share of liabilities",
        "part à court terme des dettes",
    ),
    "days_sales_outstanding": ("days sales outstanding", "délai clients"),
    "days_payables": ("days payables outstanding", "délai fournisseurs"),
}

VOLATILE = ("operating_return_on_assets", "ebitda_margin", "current_ratio", "equity_ratio")

_feature = partial(account_feature, topic="growth")


FEATURES = (
    *(
        _feature(
            name=f"{item}_growth_{span}y",
            unit="share",
            formula=f"({item} - {item} {over} before) / {item} {over} before",
            monotone=0,
            why=why,
            en=f"{en}, growth over {over}",
            fr=f"{fr}, croissance sur {sur}",
        )
        for item, (why, en, fr) in GROWING.items()
        for span, over, sur in SPANS
    ),
    *(
        _feature(
            name=f"{name}_change_{span}y",
            unit="days" if name.startswith("days") else "change",
            formula=f"{name} less {name} {over} before",
            monotone=0,
            why=AMBIGUOUS,
            en=f"{en}, change over {over}",
            fr=f"{fr}, variation sur {sur}",
        )
        for name, (en, fr) in CHANGING.items()
        for span, over, sur in SPANS
    ),
    *(
        _feature(
            name=f"{name}_deviation",
            unit="deviation",
            formula=f"standard deviation of {name} over the last 4 years, 3 known at least",
            monotone=0,
            why="uncertain results need a larger buffer, but growing firms vary too",
            en=f"{CHANGING[name][0]}, deviation over 4 years",
            fr=f"{CHANGING[name][1]}, écart-type sur 4 ans",
        )
        for name in VOLATILE
    ),
    _feature(
        name="revenue_growth_deviation",
        unit="deviation",
        formula="standard deviation of the last 3 yearly growths of revenue, all known",
        monotone=0,
        why="uncertain sales need a larger buffer, but growing firms vary too",
        en="revenue growth, deviation over 3 years",
        fr="croissance du chiffre d'affaires, écart-type sur 3 ans",
    ),
    _feature(
        name="loss_years",
        unit="count",
        formula="years with a loss among the last 4, as far as known",
        monotone=1,
        why="lasting losses end in default",
        en="years with a loss, of the last 4",
        fr="exercices en perte, sur les 4 derniers",
    ),
)


_GROWING = np.array([ITEMS.index(item) for item in GROWING])
_CHANGING = np.array([RATIOS.index(name) for name in CHANGING])
_VOLATILE = np.array([RATIOS.index(name) for name in VOLATILE])
_REVENUE, _NET_INCOME = ITEMS.index("revenue"), ITEMS.index("net_income")


@njit(cache=True, nogil=True, error_model="numpy")
def write(accounts: NDArray, ratios: NDArray, known: bool, out: NDArray) -> None:
    """Write growth, change and volatility, in the order of FEATURES, from the accounts (YEARS,
    items) and the ratios (YEARS, RATIOS) of all years."""
    place = 0
    for item in _GROWING:
        for before in range(1, YEARS):
            out[place] = growth(accounts[0, item], accounts[before, item])
            place += 1
    for name in _CHANGING:
        for before in range(1, YEARS):
            out[place] = ratios[0, name] - ratios[before, name]
            place += 1
    for name in _VOLATILE:
        out[place] = dispersion(ratios[:, name])
        place += 1
    revenue = accounts[:, _REVENUE]
    out[place] = dispersion(growth(revenue[:-1], revenue[1:]))
    out[place + 1] = (accounts[:, _NET_INCOME] < 0).sum() if known else np.nan
