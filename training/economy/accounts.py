"""Published accounts of the generated economy: late, sometimes hidden, sometimes restated.

A year's accounts follow the firm's state: margin and growth the liquidity of the year, cash and
payables the liquidity at closing, equity the firm's solidity and what its liquidity has left over
two years. Identities hold to the cent. Publication depends on the state at closing: stressed
firms publish later, or not at all, and small ones hide their income statement, the more so the
worse it is. A firm in arrears or in default publishes nothing.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from training.economy.chain import SOLVENT, WAITING, Lives
from training.economy.firms import COMPANY, Firms
from training.economy.world import COUNTRIES, EUROS, PREHISTORY, SECTORS, Calendar

CLOSING_MONTHS, CLOSING_SHARES = (12, 3, 6, 9), (0.7, 0.12, 0.12, 0.06)
MEMORY = 0.92  # monthly weight of the past in what liquidity has left
LAG_DAYS, LAG_SPREAD = 205, 30  # from closing to publication
SMALL_STAFF, AUDITED_STAFF, LISTED_STAFF = 50, 50, 1000
NEVER_FILED, RESTATED = 0.03, 0.01  # at mean liquidity
FIRST_YEAR_DAYS = 180  # a younger firm closes no year
TAX = 0.25
WRITTEN_DOWN = ["receivables", "current_assets", "total_assets", "retained_earnings", "equity"]
WRITTEN_DOWN += ["ebitda", "ebit", "net_income"]
Accounts = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Years:
    """Each accounting year of each company: its state, the published facts depend on these."""

    firm: NDArray[np.int64]
    month: NDArray[np.int64]  # of closing
    revenue: NDArray[np.float64]  # euros
    liquidity: NDArray[np.float64]  # at closing
    year: NDArray[np.float64]  # liquidity, mean of the year
    past: NDArray[np.float64]  # liquidity, what two years have left


def statements(
    firms: Firms, calendar: Calendar, lives: Lives, rng: np.random.Generator
) -> pa.Table:
    """Table `statements`: what companies have published by the end of the window."""
    years = _years(firms, calendar, lives, rng)
    lag, filed = _publication(firms, years, rng)
    closed = calendar.last_day(years.month)
    accounts = _accounts(firms, years, rng)

    again = filed & (rng.random(len(lag)) < RESTATED * np.exp(-0.5 * years.liquidity))
    rows = np.concatenate([np.flatnonzero(filed), np.flatnonzero(again)])
    available = (closed + lag)[rows]
    available[filed.sum() :] += rng.integers(60, 240, again.sum()).astype(np.int32)
    restated = _written_down(accounts, rng)
    columns = {
        name: np.concatenate([value[filed], restated[name][again]])
        for name, value in accounts.items()
    }
    solvent = lives.status[years.firm[rows], calendar.month_of(available)] == SOLVENT
    order = np.lexsort((available, closed[rows], years.firm[rows]))
    order = order[(solvent & (available <= calendar.end))[order]]
    firm = years.firm[rows[order]]
    return pa.table(
        {
            "buyer_id": firms.ids.take(pa.array(firm)),
            "closing_date": pa.array(closed[rows[order]], pa.date32()),
            "available_at": pa.array(available[order], pa.date32()),
            "currency": firms.currency.take(pa.array(firm)),
            "months": np.full(len(firm), 12.0),
            "consolidated": (np.bincount(firms.head, minlength=len(firms)) > 1)[firm],
            "audited": firms.employees[firm] >= AUDITED_STAFF,
            **{name: pa.array(value[order], from_pandas=True) for name, value in columns.items()},
        }
    )


def _years(firms: Firms, calendar: Calendar, lives: Lives, rng: np.random.Generator) -> Years:
    """Closings of companies that exist and are not in default."""
    closing_month = rng.choice(CLOSING_MONTHS, len(firms), p=CLOSING_SHARES)
    month = np.arange(calendar.months)
    closes = (calendar.number == closing_month[:, None]) & (lives.status <= WAITING)
    closes &= (month >= PREHISTORY - 12) & (month <= calendar.closing)
    closes &= calendar.starts[1:] - firms.founded[:, None] >= FIRST_YEAR_DAYS
    closes &= (firms.entity == COMPANY)[:, None]
    firm, month = np.nonzero(closes)
    growth = 0.0015 + 0.004 * lives.liquidity + rng.normal(0, 0.02, lives.liquidity.shape)
    total = np.cumsum(np.pad(lives.liquidity, ((0, 0), (1, 0))), axis=1)
    return Years(
        firm=firm,
        month=month,
        revenue=firms.revenue[firm] * np.exp(np.cumsum(growth, axis=1))[firm, month],
        liquidity=lives.liquidity[firm, month],
        year=(total[firm, month + 1] - total[firm, month - 11]) / 12,
        past=_faded(lives.liquidity)[firm, month],
    )


def _faded(liquidity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Exponentially weighted mean of the months so far."""
    mean = liquidity.copy()
    for t in range(1, mean.shape[1]):
        mean[:, t] += MEMORY * (mean[:, t - 1] - mean[:, t])
    return mean


def _publication(
    firms: Firms, years: Years, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.bool]]:
    """Days from closing to publication, and whether the year is ever filed."""
    count = len(years.firm)
    stress = np.exp(-0.6 * years.liquidity)
    lag = rng.normal(LAG_DAYS, LAG_SPREAD, count) + rng.exponential(15, count) * stress
    lag -= 60 * (firms.employees[years.firm] >= LISTED_STAFF)
    filed = rng.random(count) >= np.minimum(NEVER_FILED * stress, 0.6)
    return np.clip(lag, 60, 900).astype(np.int32), filed


def _hidden(firms: Firms, years: Years, rng: np.random.Generator) -> NDArray[np.bool]:
    """Whether the income statement is kept confidential: small firms, rather in bad years."""
    secrecy = rng.random(len(firms))[years.firm]  # a habit of the firm
    allowed = np.array([c.confidential for c in COUNTRIES])[firms.country][years.firm]
    wish = allowed * np.clip(0.7 - 0.2 * years.year, 0.1, 1.0)
    return (firms.employees[years.firm] < SMALL_STAFF) & (secrecy < wish)


def _accounts(firms: Firms, years: Years, rng: np.random.Generator) -> Accounts:
    """The accounts of each year, in the firm's currency."""
    balance = _balance_sheet(firms, years, rng)
    income = _income_statement(firms, years, balance, rng)
    listed = firms.employees[years.firm] >= LISTED_STAFF
    worth = balance["total_assets"] * 0.4 * np.exp(0.5 * years.liquidity)
    market = {"market_value": np.where(listed, worth, np.nan)}
    codes = [c.currency for c in COUNTRIES]
    unit = np.array([EUROS.get(code, 1.0) for code in codes])[firms.country][years.firm]
    euros = balance | income | market
    return _settled({name: (value / unit).round(2) for name, value in euros.items()})


def _balance_sheet(firms: Firms, years: Years, rng: np.random.Generator) -> Accounts:
    def noise(deviation: float) -> NDArray[np.float64]:
        return rng.normal(0, deviation, len(years.firm))

    sector = firms.sector[years.firm]
    turnover = np.array([s.asset_turnover for s in SECTORS])[sector]
    stock = np.array([s.inventory_share for s in SECTORS])[sector]
    assets = years.revenue / turnover * np.exp(noise(0.12))
    solidity = firms.solidity[years.firm]
    equity = assets * np.clip(0.32 + 0.14 * solidity + 0.02 * years.past + noise(0.012), -0.8, 0.92)
    debts = assets - equity
    cash = np.minimum(0.07 * np.exp(0.55 * years.liquidity + noise(0.12)), 0.5)
    receivables = 0.15 * turnover * np.exp(noise(0.15))
    inventory = 0.5 * stock * np.exp(noise(0.1))
    room = np.minimum(1, (0.95 - cash) / (receivables + inventory))
    payables = np.clip(0.30 * np.exp(-0.15 * years.liquidity + noise(0.05)), 0.02, 0.6)
    borrowed = np.clip(0.38 + noise(0.08), 0.0, 0.97 - payables)
    due_soon = np.clip(0.25 - 0.06 * years.liquidity + noise(0.05), 0.05, 0.9)
    return {
        "inventory": assets * inventory * room,
        "receivables": assets * receivables * room,
        "cash": assets * cash,
        "other_current_assets": assets * 0.03,
        "total_assets": assets,
        "payables": debts * payables,
        "current_liabilities": debts * (1 - borrowed * (1 - due_soon)),
        "financial_debt": debts * borrowed,
        "retained_earnings": equity - 0.05 * assets * np.exp(noise(0.3)),
        "equity": equity,
    }


def _income_statement(
    firms: Firms, years: Years, balance: Accounts, rng: np.random.Generator
) -> Accounts:
    def noise(deviation: float) -> NDArray[np.float64]:
        return rng.normal(0, deviation, len(years.firm))

    sector = firms.sector[years.firm]
    norm = np.array([s.ebitda_margin for s in SECTORS])[sector]
    wages = np.minimum(38 / np.array([s.revenue_per_head for s in SECTORS])[sector], 0.55)
    margin = norm + 0.035 * years.year + noise(0.006)
    ebitda = years.revenue * margin
    depreciation = 0.035 * balance["total_assets"] * np.exp(noise(0.1))
    rate = 0.035 + 0.01 * np.exp(-0.5 * years.liquidity)
    interest = balance["financial_debt"] * rate
    before_tax = ebitda - depreciation - interest
    net_income = before_tax - TAX * np.maximum(before_tax, 0)
    released = 0.02 * (years.liquidity - years.past) + noise(0.015)  # by working capital
    published = np.where(_hidden(firms, years, rng), np.nan, 1.0)
    items = {
        "revenue": years.revenue,
        "personnel": years.revenue * wages * np.exp(noise(0.08)),
        "ebitda": ebitda,
        "depreciation": depreciation,
        "interest": interest,
        "net_income": net_income,
        "operating_cash_flow": net_income + depreciation + released * balance["total_assets"],
    }
    return {name: value * published for name, value in items.items()}


def _settled(a: Accounts) -> Accounts:
    """Totals from rounded items, so that identities hold to the cent."""
    other = a.pop("other_current_assets")
    a["current_assets"] = (a["inventory"] + a["receivables"] + a["cash"] + other).round(2)
    a["total_liabilities"] = (a["total_assets"] - a["equity"]).round(2)
    a["cost_of_sales"] = (a["revenue"] - a["personnel"] - a["ebitda"]).round(2)
    a["ebit"] = (a["ebitda"] - a["depreciation"]).round(2)
    return a


def _written_down(accounts: Accounts, rng: np.random.Generator) -> Accounts:
    """The accounts restated: some receivables were worth nothing."""
    loss = (accounts["receivables"] * rng.uniform(0.05, 0.3, len(accounts["equity"]))).round(2)
    restated = accounts | {name: (accounts[name] - loss).round(2) for name in WRITTEN_DOWN}
    restated["cost_of_sales"] = (accounts["cost_of_sales"] + loss).round(2)
    return restated
