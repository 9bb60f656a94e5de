"""Published accounts as they were known on a day, this year's and the years before.

A statement counts from its publication (`available_at`, else closing plus the table's lag). The
last accounts are those with the greatest closing date, in the latest version known; those of
earlier years likewise, a year meaning the same date give or take three months.
"""

from functools import partial
from typing import NamedTuple, Self

import numpy as np
from numba import njit
from numpy.typing import NDArray

from features.as_of import EVER, latest_row
from features.calendar import DAYS_A_YEAR
from features.facts import Facts, Keys
from features.feature import Feature

YEARS = 4  # the last closed year and three before it
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


# What is added up from them.
_SUMS = (
    *("working_capital", "quick_assets", "liquid_assets", "permanent_capital", "net_debt"),
    *("gross_profit", "value_added"),
)
# The accounts of one year: amounts in the statement's own currency, flows annualised to twelve
# months, NaN where unknown. What the source leaves out is filled where an accounting identity
# gives it.
ACCOUNTS = np.dtype([(item, np.float64) for item in ITEMS + _SUMS])


class Statements(NamedTuple):
    """The columns of table `statements` but the amounts, grouped by buyer like `Rows`."""

    start: NDArray[np.int64]
    known: NDArray[np.int32]
    closing: NDArray[np.int32]
    currency: NDArray[np.int32]
    consolidated: NDArray[np.float64]
    audited: NDArray[np.float64]
    months: NDArray[np.float64]

    @classmethod
    def of(cls, facts: Facts) -> Self:
        """Those of `facts`."""
        rows = facts["statements"]
        names = ("closing_date", "currency", "consolidated", "audited", "months")
        return cls(rows.start, rows.known, *(rows[name] for name in names))


class Published(NamedTuple):
    """The accounts (ACCOUNTS) of the last closed year known and of the years before, newest first,
    and the rows of the statements, -1 where none is known: both (keys, YEARS)."""

    accounts: NDArray
    row: NDArray[np.int64]

    @property
    def amounts(self) -> NDArray[np.float64]:
        """The accounts without names: (keys, YEARS, items)."""
        return self.accounts.view(np.float64).reshape(*self.row.shape, -1)


def published(facts: Facts, keys: Keys) -> Published:
    """The accounts of the last closed year known and of the three years before.

    An earlier year in another currency or on another basis (company or group) is not comparable
    and counts as unknown.
    """
    shape = (len(keys), YEARS)
    found = Published(np.empty(shape, ACCOUNTS), np.empty(shape, np.int64))
    columns = tuple(facts["statements"][item] for item in ITEMS)
    _fill(facts.once(Statements.of), columns, keys.buyer, keys.as_of, *found, found.amounts)
    return found


@njit(cache=True, nogil=True)
def _fill(
    statements: Statements,
    columns: tuple[NDArray, ...],
    buyer: NDArray,
    as_of: NDArray,
    accounts: NDArray,
    rows: NDArray,
    amounts: NDArray,
) -> None:
    """Write the years of each key; `amounts` are the accounts without names."""
    for key in range(len(buyer)):
        _find_years(statements, buyer[key], as_of[key], rows[key])
    for item in range(len(ITEMS)):
        _read(columns[item], statements.months, rows, item < FLOWS, amounts[:, :, item])
    for key in range(len(buyer)):
        for year in range(YEARS):
            _complete(accounts[key, year])


@njit(cache=True, nogil=True)
def _find_years(statements: Statements, buyer: int, as_of: int, rows: NDArray) -> None:
    """Write the row of the statement of each year, -1 where none is known."""
    start, known, closing = statements.start, statements.known, statements.closing
    rows[:] = -1
    rows[0] = last = latest_row(start, known, closing, buyer, as_of, EVER, as_of)
    if last < 0:
        return
    for year in range(1, YEARS):
        day = closing[last] - round(DAYS_A_YEAR * year)
        since, until = day - WINDOW_DAYS, day + WINDOW_DAYS
        row = latest_row(start, known, closing, buyer, as_of, since, until)
        if row >= 0 and statements.currency[row] == statements.currency[last]:
            group = statements.consolidated
            same_basis = not abs(group[row] - group[last]) > 0  # or not stated
            rows[year] = row if same_basis else -1


@njit(cache=True, nogil=True)
def _read(column: NDArray, months: NDArray, rows: NDArray, flow: bool, out: NDArray) -> None:
    """Write an item of each year as published, a flow annualised; NaN where the row is -1."""
    for key in range(len(rows)):
        for year in range(YEARS):
            row = rows[key, year]
            out[key, year] = column[row] if row >= 0 else np.nan
            if flow and row >= 0 and not np.isnan(months[row]):
                out[key, year] *= 12.0 / months[row] if months[row] > 0 else np.nan


@njit(cache=True, nogil=True)
def _complete(a: np.void) -> None:
    """Fill what an accounting identity gives, and add up."""
    assets, equity, owed = a["total_assets"], a["equity"], a["total_liabilities"]
    ebit, ebitda, depreciation = a["ebit"], a["ebitda"], a["depreciation"]
    a["equity"] = _else(equity, assets - owed)
    a["total_liabilities"] = _else(owed, assets - equity)
    a["ebit"] = _else(ebit, ebitda - depreciation)
    a["ebitda"] = _else(ebitda, ebit + depreciation)
    a["operating_cash_flow"] = _else(a["operating_cash_flow"], a["net_income"] + depreciation)
    a["working_capital"] = a["current_assets"] - a["current_liabilities"]
    a["quick_assets"] = a["current_assets"] - a["inventory"]
    a["liquid_assets"] = a["receivables"] + a["cash"]
    a["permanent_capital"] = assets - a["current_liabilities"]
    a["net_debt"] = a["financial_debt"] - a["cash"]
    a["gross_profit"] = a["revenue"] - a["cost_of_sales"]
    a["value_added"] = a["ebitda"] + a["personnel"]


@njit(cache=True, nogil=True)
def _else(published: float, identity: float) -> float:
    return identity if np.isnan(published) else published
