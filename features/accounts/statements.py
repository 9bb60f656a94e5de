"""Published accounts as they were known on a day, this year's and the years before.

A statement counts from its publication (`available_at`, else closing plus the table's lag). The
last accounts are those with the greatest closing date, in the latest version known; those of
earlier years likewise, a year meaning the same date give or take three months.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import Column
from features.as_of import EVER, latest_row
from features.facts import Facts, Keys, Rows
from features.feature import Feature

YEARS = 4  # the last closed year and three before it
DAYS_A_YEAR = 365.25
WINDOW_DAYS = 91

_FLOWS = (
    *("revenue", "cost_of_sales", "personnel", "ebitda", "depreciation", "ebit", "interest"),
    *("net_income", "operating_cash_flow"),
)
FLOWS = len(_FLOWS)
_STOCKS = (
    *("current_assets", "inventory", "receivables", "cash", "total_assets", "payables"),
    *("current_liabilities", "financial_debt", "total_liabilities", "retained_earnings"),
    *("equity", "market_value"),
)
ITEMS = _FLOWS + _STOCKS

account_feature = partial(
    Feature,
    source="statements",
    known="last closed year published by as_of_date, in the version known then",
)


class Accounts(dict[str, Column]):
    """The accounts of four years: item -> shape (YEARS, keys), newest first, NaN where unknown.

    Amounts are in the statement's own currency; flows are annualised to twelve months. What the
    source leaves out is filled where an accounting identity gives it.
    """

    def __init__(self, statements: Rows, row: NDArray[np.int64]) -> None:
        self.row = row
        columns = tuple(statements[item] for item in ITEMS)
        published = _read(columns, statements["months"], row, FLOWS)
        super().__init__(zip(ITEMS, published, strict=True))
        filled = {item: identity(self) for item, identity in IDENTITIES.items()}
        for item, column in filled.items():
            self[item] = np.where(np.isnan(self[item]), column, self[item])
        for item, aggregate in AGGREGATES.items():
            self[item] = aggregate(self)


@njit(cache=True, nogil=True)
def _read(columns: tuple[NDArray, ...], months: NDArray, row: NDArray, flows: int) -> NDArray:
    """Every item of every statement, (items, YEARS, keys), NaN where `row` is -1; the first `flows`
    items annualised."""
    out = np.full((len(columns), *row.shape), np.nan)
    for year in range(row.shape[0]):
        for key in range(row.shape[1]):
            place = row[year, key]
            if place < 0:
                continue
            length = months[place]
            a_year = 1.0 if np.isnan(length) else 12.0 / length if length > 0 else np.nan
            for item in range(len(columns)):
                amount = columns[item][place]
                out[item, year, key] = amount * a_year if item < flows else amount
    return out


@dataclass(frozen=True)
class Year:
    """The accounts of one of the years: item -> one value a key."""

    accounts: Accounts
    number: int

    def __getitem__(self, item: str) -> Column:
        return self.accounts[item][self.number]

    @property
    def row(self) -> NDArray[np.int64]:
        """The row of the statement, -1 where none is known."""
        return self.accounts.row[self.number]

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether accounts of the year are known."""
        return self.row >= 0


IDENTITIES: dict[str, Callable[[Accounts], Column]] = {
    "equity": lambda a: a["total_assets"] - a["total_liabilities"],
    "total_liabilities": lambda a: a["total_assets"] - a["equity"],
    "ebit": lambda a: a["ebitda"] - a["depreciation"],
    "ebitda": lambda a: a["ebit"] + a["depreciation"],
    "operating_cash_flow": lambda a: a["net_income"] + a["depreciation"],
}

AGGREGATES: dict[str, Callable[[Accounts], Column]] = {
    "working_capital": lambda a: a["current_assets"] - a["current_liabilities"],
    "quick_assets": lambda a: a["current_assets"] - a["inventory"],
    "liquid_assets": lambda a: a["receivables"] + a["cash"],
    "permanent_capital": lambda a: a["total_assets"] - a["current_liabilities"],
    "net_debt": lambda a: a["financial_debt"] - a["cash"],
    "gross_profit": lambda a: a["revenue"] - a["cost_of_sales"],
    "value_added": lambda a: a["ebitda"] + a["personnel"],
}


def published(facts: Facts, keys: Keys) -> tuple[Year, ...]:
    """The accounts of the last closed year known and of the three years before.

    An earlier year in another currency or on another basis (company or group) is not comparable
    and counts as unknown.
    """
    statements = facts["statements"]
    row = _closed_years(
        statements.start,
        statements.known,
        statements["closing_date"],
        statements["currency"],
        statements["consolidated"],
        keys.buyer,
        keys.as_of,
    )
    accounts = Accounts(statements, row)
    return tuple(Year(accounts, number) for number in range(YEARS))


@njit(cache=True, nogil=True)
def _closed_years(
    start: NDArray,
    known: NDArray,
    closing: NDArray,
    currency: NDArray,
    group: NDArray,
    buyer: NDArray,
    as_of: NDArray,
) -> NDArray:
    """The statement of each year (YEARS, keys), -1 where none is known."""
    found = np.full((YEARS, len(buyer)), -1)
    for key in range(len(buyer)):
        last = latest_row(start, known, closing, buyer[key], as_of[key], EVER, as_of[key])
        found[0, key] = last
        if last < 0:
            continue
        for year in range(1, YEARS):
            day = closing[last] - round(DAYS_A_YEAR * year)
            since, until = day - WINDOW_DAYS, day + WINDOW_DAYS
            row = latest_row(start, known, closing, buyer[key], as_of[key], since, until)
            if row >= 0 and currency[row] == currency[last]:
                same_basis = not abs(group[row] - group[last]) > 0  # or not stated
                found[year, key] = row if same_basis else -1
    return found
