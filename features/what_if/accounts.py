"""What-ifs of published accounts: sales lost, capital raised, accounts published or certified."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.as_of import latest
from features.calendar import DAYS_A_YEAR
from features.facts import Facts
from features.what_if.what_if import raw, with_columns, with_table

EARNINGS = ("ebitda", "ebit", "net_income", "operating_cash_flow")
RAISED = ("equity", "cash", "current_assets", "total_assets")


def last_accounts(facts: Facts, as_of: int) -> NDArray[np.int64]:
    """The row of each buyer's last accounts known on `as_of`, -1 where none is."""
    buyers = len(facts.buyers)
    days = np.full(buyers, as_of, np.int32)
    return latest(facts["statements"], "closing_date", np.arange(buyers), days)


def lose_revenue(facts: Facts, as_of: int, share: float, pass_through: float) -> Facts:
    """The last accounts known on `as_of` with a `share` of revenue lost.

    `pass_through` is the part of the lost revenue that no cost follows: it is lost in EBITDA, EBIT,
    net income and operating cash flow; the rest is saved in the cost of sales. The balance sheet
    stays as at closing.
    """
    if not share:
        return facts
    statements, rows = facts["statements"], _known(last_accounts(facts, as_of))
    lost = np.zeros(len(statements))
    lost[rows] = share * statements["revenue"][rows]
    columns = {name: statements[name] - pass_through * lost for name in EARNINGS}
    columns["revenue"] = statements["revenue"] - lost
    columns["cost_of_sales"] = statements["cost_of_sales"] - (1 - pass_through) * lost
    return with_columns(facts, "statements", **{name: _amounts(c) for name, c in columns.items()})


def raise_capital(facts: Facts, as_of: int, share: float) -> Facts:
    """New equity, a `share` of total assets, paid in cash into the last accounts known."""
    statements, rows = facts["statements"], _known(last_accounts(facts, as_of))
    raised = np.zeros(len(statements))
    raised[rows] = share * statements["total_assets"][rows]
    columns = {name: _amounts(statements[name] + raised) for name in RAISED}
    return with_columns(facts, "statements", **columns)


def certify_accounts(facts: Facts, as_of: int) -> Facts:
    """The last accounts known certified by an auditor."""
    audited = facts["statements"]["audited"].copy()
    audited[_known(last_accounts(facts, as_of))] = 1.0
    known = pa.array(audited == 1.0, mask=np.isnan(audited))
    return with_columns(facts, "statements", audited=known)


def publish_accounts(facts: Facts, as_of: int, years: int) -> Facts:
    """The last accounts known, published on `as_of` for each of the next `years` too, unchanged."""
    statements = raw(facts, "statements")
    last = statements.take(pa.array(_known(last_accounts(facts, as_of))))
    closing = last["closing_date"].cast(pa.int32()).to_numpy()
    published = pa.repeat(pa.scalar(as_of, pa.int32()).cast(pa.date32()), len(last))
    for year in range(1, years + 1):
        later = pa.array((closing + round(DAYS_A_YEAR * year)).astype(np.int32)).cast(pa.date32())
        names = last.column_names
        further = last.set_column(names.index("closing_date"), "closing_date", later)
        further = further.set_column(names.index("available_at"), "available_at", published)
        statements = pa.concat_tables([statements, further])
    return with_table(facts, "statements", statements)


def add_accounts(facts: Facts, as_of: int, accounts: pa.Table) -> Facts:
    """Further accounts, rows of the table of statements, all known on `as_of`."""
    known = pa.repeat(pa.scalar(as_of, pa.int32()).cast(pa.date32()), len(accounts))
    place = accounts.column_names.index("available_at")
    published = accounts.set_column(place, "available_at", known)
    return with_table(facts, "statements", pa.concat_tables([raw(facts, "statements"), published]))


def devalue(facts: Facts, share: float) -> Facts:
    """Every currency but that of the facts worth a `share` less, at every quote."""
    if not share:
        return facts
    fx = facts["fx"]
    foreign = fx["currency"] != fx.code("currency", facts.currency)
    kept = np.where(foreign, 1 - share, 1.0)
    if facts.currency != "EUR":  # quotes are in euros, and the euro too is worth less
        kept = np.where(foreign, 1.0, 1 / (1 - share))
    return with_columns(facts, "fx", rate=_amounts(fx["rate"] * kept))


def _known(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows[rows >= 0]


def _amounts(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))
