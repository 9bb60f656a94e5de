"""Published accounts as they were known on a day, this year's and the years before.

A statement counts from its publication (`available_at`, else closing plus the table's lag). The
last accounts are those with the greatest closing date, in the latest version known; those of
earlier years likewise, a year meaning the same date give or take three months.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.arithmetic import Column
from features.as_of import EVER, latest_row, pick
from features.facts import Facts, Keys, Rows
from features.feature import Feature

YEARS = 4  # the last closed year and three before it
DAYS_A_YEAR = 365.25
WINDOW_DAYS = 91

FLOWS = frozenset({
    "revenue",
    "cost_of_sales",
    "personnel",
    "ebitda",
    "depreciation",
    "ebit",
    "interest",
    "net_income",
    "operating_cash_flow",
})  # fmt: skip

account_feature = partial(
    Feature,
    source="statements",
    known="last closed year published by as_of_date, in the version known then",
)


class Accounts(dict[str, Column]):
    """The accounts of four years: item -> shape (YEARS, keys), newest first, NaN where unknown.

    Amounts are in the statement's own currency; flows are annualised to twelve months. What the
    source leaves out is filled where an accounting identity gives it. Items are read on demand.
    """

    def __init__(self, statements: Rows, row: NDArray[np.int64]) -> None:
        self.row = row
        self._statements = statements

    def __missing__(self, item: str) -> Column:
        if item in AGGREGATES:
            column = AGGREGATES[item](self)
        else:
            column = self._published(item)
            if item in IDENTITIES:
                column = np.where(np.isnan(column), IDENTITIES[item](self._published), column)
        self[item] = column
        return column

    def _published(self, item: str) -> Column:
        column = self._read(item)
        return column * self._annual if item in FLOWS else column

    def _read(self, item: str) -> Column:
        return pick(self._statements[item], self.row.ravel()).reshape(self.row.shape)

    @cached_property
    def _annual(self) -> Column:
        months = self._read("months")
        return np.where(np.isnan(months), 1.0, 12.0 / np.where(months > 0, months, np.nan))


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


IDENTITIES: dict[str, Callable[[Callable[[str], Column]], Column]] = {
    "equity": lambda of: of("total_assets") - of("total_liabilities"),
    "total_liabilities": lambda of: of("total_assets") - of("equity"),
    "ebit": lambda of: of("ebitda") - of("depreciation"),
    "ebitda": lambda of: of("ebit") + of("depreciation"),
    "operating_cash_flow": lambda of: of("net_income") + of("depreciation"),
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
