"""Limits that earn the most for a portfolio's expected loss, beside the rule-based ones."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Group, RenderableType
from rich.table import Table

from models.assessment import ANEW, assess
from models.credit_model import CreditModel
from models.limits.allocation import fit, problem_of, solve
from models.limits.rounding import round_down
from serving.portfolio import everyone
from serving.reports.console import money

MOVES_SHOWN = 10


@dataclass(frozen=True)
class AllocationSummary:
    """`buyers` by buyer_id: country, grade, most (need and caps), rule_limit (the rule-based limit
    within the same caps and budget), limit, change, margin and expected_loss of a unit of limit.

    `margin_of_budget` is what one more unit of expected loss would earn.
    """

    as_of_date: date
    currency: str
    budget: float
    margin_of_budget: float
    buyers: pd.DataFrame

    def totals(self) -> pd.DataFrame:
        """Limits, expected margin and expected loss a year, rule-based and allocated."""
        rows = {
            name: [(self.buyers[column] * unit).sum() for unit in self._units()]
            for name, column in (("rule-based", "rule_limit"), ("allocated", "limit"))
        }
        columns = ["limits", "expected_margin", "expected_loss"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns)

    @property
    def gain(self) -> float:
        """Expected margin beyond that of the rule-based limits, a year."""
        margin = self.totals()["expected_margin"]
        return float(margin["allocated"] - margin["rule-based"])

    def _units(self) -> tuple[pd.Series, pd.Series, pd.Series]:
        one = pd.Series(1.0, self.buyers.index)
        return one, self.buyers["margin"], self.buyers["expected_loss"]


def allocate(
    model: CreditModel,
    portfolio: Path,
    as_of_date: date,
    *,
    budget: float | None = None,
    name_share: float = 1.0,
    country_share: float = 1.0,
    out: Path | None = None,
) -> AllocationSummary:
    """Allocate limits over a portfolio folder; `out` receives one row a buyer as Parquet.

    Without a `budget` it is the expected loss of the rule-based limits: what more they could earn.
    No buyer takes more than `name_share` of it, no country more than `country_share`.
    """
    facts, keys = everyone(portfolio, model.policy.currency, as_of_date)
    assessment = assess(model, facts, keys, ANEW)
    inputs, limits = assessment.inputs, assessment.limits
    buyers = facts["buyers"]
    problem = problem_of(
        model.policy,
        inputs,
        limits,
        group=buyers["group_id"][buyers.start[keys.buyer]],
        budget=budget,
        name_share=name_share,
        country_share=country_share,
    )
    solution = solve(problem)
    limit = round_down(model.policy, np.minimum(solution.limit, problem.most))
    rule_limit = fit(problem, limits.limit)
    frame = pd.DataFrame(
        {
            "country": inputs.country,
            "grade": np.asarray(model.policy.master_scale.names)[limits.grade],
            "most": problem.most,
            "rule_limit": rule_limit,
            "limit": limit,
            "change": limit - rule_limit,
            "margin": problem.margin,
            "expected_loss": problem.loss,
        },
        index=pd.Index(facts.buyer_ids, name="buyer_id"),
    )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pandas(frame.reset_index(), preserve_index=False), out)
    return AllocationSummary(
        as_of_date, model.policy.currency, problem.budget, solution.margin_of_budget, frame
    )


def allocation_table(summary: AllocationSummary) -> RenderableType:
    """Totals of both, what the gain costs, and the largest moves."""
    totals = summary.totals()
    table = _table(f"a year, {summary.currency}, on {summary.as_of_date}", *totals.columns)
    for name, row in totals.iterrows():
        table.add_row(str(name), *(f"{value:,.0f}" for value in row))
    before = float(totals.loc["rule-based", "expected_margin"])
    gain = f" ({summary.gain / before:+.1%})" if before > 0 else ""
    return Group(
        table,
        "",
        f"budget of expected loss {money(summary.budget, summary.currency)}: "
        f"{money(summary.gain, summary.currency)} more margin{gain}; "
        f"one more {summary.currency} of it would earn {summary.margin_of_budget:,.1f}",
        "",
        _moves(summary),
    )


def _moves(summary: AllocationSummary) -> Table:
    largest = summary.buyers["change"].abs().sort_values(ascending=False, kind="stable")
    moved = summary.buyers.loc[largest[largest > 0].index[:MOVES_SHOWN]]
    table = _table("largest moves", "grade", "rule-based", "allocated", "change")
    for buyer, row in moved.iterrows():
        amounts = (f"{row[name]:,.0f}" for name in ("rule_limit", "limit", "change"))
        table.add_row(str(buyer), row["grade"], *amounts)
    return table


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for heading in headings:
        table.add_column(heading.replace("_", " "), justify="right")
    return table
