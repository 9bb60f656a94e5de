"""Published accounts: how fresh, how punctual, how open. Silence is information too."""

from functools import partial
from math import isnan

import numpy as np
from numba import njit

from features.accounts.statements import Statements, account_feature
from features.arithmetic import ratio
from features.calendar import DAYS_A_MONTH

YEAR = 365
LONG_RECORD = 5  # years

_feature = partial(account_feature, topic="disclosure")

FEATURES = (
    _feature(
        name="accounts_age_months",
        unit="months",
        formula="months from the closing of the last accounts known to as_of_date",
        monotone=1,
        why="old accounts say little, and firms in trouble stop publishing",
        en="age of the last accounts",
        fr="ancienneté des derniers comptes",
    ),
    _feature(
        name="accounts_overdue_months",
        unit="months",
        formula="months since the next accounts should have been known: last closing + 12 months "
        "+ the buyer's usual delay; 0 before",
        monotone=1,
        why="firms in trouble publish late or not at all",
        en="delay of the next accounts",
        fr="retard de publication des comptes",
        actionable=True,
    ),
    _feature(
        name="publication_delay_months",
        unit="months",
        formula="mean months from closing to first publication, over the years known",
        monotone=1,
        why="sound firms close their books fast",
        en="usual publication delay",
        fr="délai habituel de publication",
        actionable=True,
    ),
    _feature(
        name="years_of_accounts",
        unit="count",
        formula="closed years of which accounts are known, 5 at most",
        monotone=0,
        why="a record; a longer one only says since when the source keeps it",
        en="years of accounts known",
        fr="exercices connus",
    ),
    _feature(
        name="restatements",
        unit="count",
        formula="versions of accounts known beyond the first of each closed year",
        monotone=0,
        why="corrections may be diligence or trouble",
        en="restatements of accounts",
        fr="rectifications de comptes",
    ),
    _feature(
        name="income_statement_hidden",
        unit="flag",
        formula="last accounts known without revenue, EBITDA, EBIT and net income",
        monotone=0,
        why="a right of small firms, used by the shy and by the weak",
        en="income statement not disclosed",
        fr="compte de résultat confidentiel",
        actionable=True,
    ),
    _feature(
        name="accounts_consolidated",
        unit="flag",
        formula="last accounts are a group's",
        monotone=0,
        why="a group is larger, but its strength is not all the buyer's",
        en="consolidated accounts",
        fr="comptes consolidés",
    ),
    _feature(
        name="accounts_audited",
        unit="flag",
        formula="last accounts are certified by an auditor",
        monotone=-1,
        why="a second pair of eyes",
        en="audited accounts",
        fr="comptes certifiés",
        actionable=True,
    ),
)


@njit(cache=True, nogil=True, error_model="numpy")
def write(
    statements: Statements, buyer: int, as_of: int, row: int, now: np.void, out: np.void
) -> None:
    """Write how a buyer publishes, from every statement known; `row` is that of the last accounts,
    which say `now`, -1 where none are known."""
    years, restatements, delay = _record(statements, buyer, as_of)
    usual = ratio(delay, years)
    out["publication_delay_months"] = usual / DAYS_A_MONTH
    out["years_of_accounts"] = min(years, LONG_RECORD)
    out["restatements"] = restatements
    if row < 0:
        return
    age = as_of - statements.closing[row]
    out["accounts_age_months"] = age / DAYS_A_MONTH
    out["accounts_overdue_months"] = np.maximum(age - YEAR - usual, 0) / DAYS_A_MONTH
    out["income_statement_hidden"] = (
        isnan(now["revenue"]) and isnan(now["ebitda"]) and isnan(now["ebit"])
        and isnan(now["net_income"])
    )  # fmt: skip
    out["accounts_consolidated"] = statements.consolidated[row]
    out["accounts_audited"] = statements.audited[row]


@njit(cache=True, nogil=True)
def _record(statements: Statements, buyer: int, as_of: int) -> tuple[float, float, float]:
    """Years known, versions beyond the first, total days from closing to first publication."""
    known, closing = statements.known, statements.closing
    years, restatements, delay = 0.0, 0.0, 0.0
    first_row, end = statements.start[buyer], statements.start[buyer + 1]
    for row in range(first_row, end):
        if known[row] > as_of:
            continue
        restates = False
        for other in range(first_row, end):
            earlier = known[other] < known[row] or (known[other] == known[row] and other < row)
            restates |= closing[other] == closing[row] and earlier
        if restates:
            restatements += 1
        else:
            years += 1
            delay += known[row] - closing[row]
    return years, restatements, delay
