"""Growth and stability: where the accounts come from, over one to three years."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

import numpy as np

from features.arithmetic import Column, dispersion, growth
from features.statements import Year, account_feature

SPANS = (1, 2, 3)  # years

Sign = Literal[-1, 0, 1]

# items that grow or shrink: sign, why, English, French
GROWING: dict[str, tuple[Sign, str, str, str]] = {
    "revenue": (0, "falling sales and reckless growth both kill", "revenue", "chiffre d'affaires"),
    "total_assets": (0, "firms in trouble sell assets, others overtrade", "assets", "actif"),
    "equity": (-1, "profits kept or capital raised", "equity", "fonds propres"),
    "total_liabilities": (0, "debts pay for growth or for losses", "liabilities", "dettes totales"),
    "financial_debt": (0, "lenders come, or leave", "financial debt", "dettes financières"),
    "receivables": (0, "more sales, or slower customers", "receivables", "créances clients"),
    "inventory": (0, "sales to come, or stock that does not sell", "inventory", "stocks"),
}

# ratios that improve or worsen: sign, why, English, French
CHANGING: dict[str, tuple[Sign, str, str, str]] = {
    "equity_ratio": (-1, "the buffer fills or empties", "equity ratio", "autonomie financière"),
    "current_ratio": (-1, "cover of short-term debts", "current ratio", "liquidité générale"),
    "operating_return_on_assets": (
        0,
        "better than last year, but a bad year may precede",
        "operating return on assets",
        "rentabilité économique",
    ),
    "return_on_assets": (
        0,
        "better than last year, but a bad year may precede",
        "return on assets",
        "rentabilité de l'actif",
    ),
    "ebitda_margin": (
        0,
        "better than last year, but a bad year may precede",
        "EBITDA margin",
        "taux de marge d'EBE",
    ),
    "retained_earnings_to_assets": (
        -1,
        "profits kept, or losses piling up",
        "retained earnings share of assets",
        "part des réserves dans l'actif",
    ),
    "financial_debt_to_assets": (
        0,
        "debt called in leaves the long term, new debt enters it",
        "financial debt share of assets",
        "part des dettes financières dans l'actif",
    ),
    "short_term_share_of_liabilities": (
        1,
        "a broken covenant makes long debt payable at once",
        "short-term share of liabilities",
        "part à court terme des dettes",
    ),
    "days_sales_outstanding": (
        1,
        "customers pay later, or receivables turn doubtful",
        "days sales outstanding",
        "Délai clients",
    ),
    "days_payables": (
        1,
        "suppliers wait longer",
        "days payables outstanding",
        "Délai fournisseurs",
    ),
}

VOLATILE = ("operating_return_on_assets", "ebitda_margin", "current_ratio", "equity_ratio")

_feature = partial(account_feature, topic="growth")


def _over(span: int) -> tuple[str, str]:
    return ("1 year", "1 an") if span == 1 else (f"{span} years", f"{span} ans")


FEATURES = (
    *(
        _feature(
            name=f"{item}_growth_{span}y",
            unit="share",
            formula=f"({item} - {item} {over} before) / {item} {over} before",
            monotone=sign,
            why=why,
            en=f"{en}, growth over {over}",
            fr=f"{fr}, croissance sur {sur}",
        )
        for item, (sign, why, en, fr) in GROWING.items()
        for span in SPANS
        for over, sur in (_over(span),)
    ),
    *(
        _feature(
            name=f"{name}_change_{span}y",
            unit="days" if name.startswith("days") else "change",
            formula=f"{name} less {name} {over} before",
            monotone=sign,
            why=why,
            en=f"{en}, change over {over}",
            fr=f"{fr}, variation sur {sur}",
        )
        for name, (sign, why, en, fr) in CHANGING.items()
        for span in SPANS
        for over, sur in (_over(span),)
    ),
    *(
        _feature(
            name=f"{name}_deviation",
            unit="deviation",
            formula=f"standard deviation of {name} over the last 4 years, 3 known at least",
            monotone=0,
            why="uncertain results need a larger buffer, but growing firms vary too",
            en=f"{CHANGING[name][2]}, deviation over 4 years",
            fr=f"{CHANGING[name][3]}, écart-type sur 4 ans",
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


def columns(years: Sequence[Year], ratios: Mapping[str, Column]) -> dict[str, Column]:
    """Growth, change and volatility, from the accounts and the ratios (YEARS, n) of each year."""
    now, accounts = years[0], years[0].accounts
    growths = growth(accounts["revenue"][:-1], accounts["revenue"][1:])
    losses = (accounts["net_income"] < 0).sum(axis=0)
    return {
        **{
            f"{item}_growth_{span}y": growth(now[item], years[span][item])
            for item in GROWING
            for span in SPANS
        },
        **{
            f"{name}_change_{span}y": ratios[name][0] - ratios[name][span]
            for name in CHANGING
            for span in SPANS
        },
        **{f"{name}_deviation": dispersion(ratios[name]) for name in VOLATILE},
        "revenue_growth_deviation": dispersion(growths),
        "loss_years": np.where(now.known, losses, np.nan),
    }
