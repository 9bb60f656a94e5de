"""Limits that earn the most for a portfolio's expected loss, beside the rule-based ones."""

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Group, RenderableType
from rich.table import Table

from models.assessment import ANEW, assess
from models.credit_model import CreditModel
from models.limits.allocation import Problem, fit, problem_of, solve
from models.limits.limit_inputs import Floats
from models.limits.rounding import round_down
from models.page import write_page
from serving.portfolio import everyone
from serving.reports.console import money, titled

MOVES_SHOWN = 10
MOVES_ON_PAGE = 200
SHARES = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)  # of the budget, for the frontier


@dataclass(frozen=True)
class AllocationSummary:
    """Rule-based limits and allocated ones, as buyers and as a frontier.

    `buyers` by buyer_id: country, grade, most (need and caps), rule_limit (the rule-based limit
    within the same caps and budget), limit, change, margin and expected_loss of a unit of limit.

    `margin_of_budget` is what one more unit of expected loss would earn. `frontier` by budget: what
    both earn, rule-based and allocated.
    """

    as_of_date: date
    currency: str
    budget: float
    margin_of_budget: float
    buyers: pd.DataFrame
    frontier: pd.DataFrame

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
    facts, keys = everyone(portfolio, model.policy, as_of_date)
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
        index=pd.Index(facts.buyer_ids[keys.buyer], name="buyer_id"),
    )
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pandas(frame.reset_index(), preserve_index=False), out)
    return AllocationSummary(
        as_of_date,
        model.policy.currency,
        problem.budget,
        solution.margin_of_budget,
        frame,
        _frontier(problem, limits.limit),
    )


def _frontier(problem: Problem, rule_based: Floats) -> pd.DataFrame:
    """The margin of both at shares and multiples of the budget, before rounding; the other bounds
    stay as they are."""
    rows = {}
    for share in SHARES:
        other = replace(problem, budget=share * problem.budget)
        limits = {"rule-based": fit(other, rule_based), "allocated": solve(other).limit}
        rows[other.budget] = {name: float(problem.margin @ x) for name, x in limits.items()}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("expected loss")


def allocation_table(summary: AllocationSummary) -> RenderableType:
    """Totals of both, what the gain costs, and the largest moves."""
    totals = summary.totals()
    table = titled(f"a year, {summary.currency}, on {summary.as_of_date}", *totals.columns)
    for name, row in totals.iterrows():
        table.add_row(str(name), *(f"{value:,.0f}" for value in row))
    return Group(table, "", _gain(summary), "", _moves(summary))


def frontier_figure(summary: AllocationSummary) -> go.Figure:
    """Margin against expected loss, rule-based and allocated: the gap is what allocation earns."""
    figure = go.Figure()
    for name in ("allocated", "rule-based"):
        figure.add_scatter(x=summary.frontier.index, y=summary.frontier[name], name=name)
    figure.add_vline(x=summary.budget, line_dash="dot", annotation_text="budget")
    return figure.update_layout(
        title="Expected margin for one expected loss",
        xaxis_title=f"expected loss a year, {summary.currency}",
        yaxis_title=f"expected margin a year, {summary.currency}",
    )


def write_allocation_page(summary: AllocationSummary, out: Path) -> None:
    """Totals, frontier and the buyers whose limit moves as one HTML file."""
    moved = summary.buyers[summary.buyers["change"] != 0]
    largest = moved["change"].abs().sort_values(ascending=False, kind="stable").index
    write_page(
        out,
        f"Allocation on {summary.as_of_date}",
        [
            _gain(summary),
            summary.totals(),
            frontier_figure(summary),
            f"{len(moved):,} of {len(summary.buyers):,} limits move; the largest moves:",
            moved.loc[largest[:MOVES_ON_PAGE]],
        ],
    )


def _gain(summary: AllocationSummary) -> str:
    """How much more margin, for which expected loss."""
    before = float(summary.totals().loc["rule-based", "expected_margin"])
    gain = f" ({summary.gain / before:+.1%})" if before > 0 else ""
    return (
        f"For the same expected loss of {money(summary.budget, summary.currency)}: "
        f"{money(summary.gain, summary.currency)} more margin a year{gain} than the rule-based "
        f"limits; one more {summary.currency} of it would earn {summary.margin_of_budget:,.1f}."
    )


def _moves(summary: AllocationSummary) -> Table:
    largest = summary.buyers["change"].abs().sort_values(ascending=False, kind="stable")
    moved = summary.buyers.loc[largest[largest > 0].index[:MOVES_SHOWN]]
    table = titled("largest moves", "grade", "rule-based", "allocated", "change")
    for buyer, row in moved.iterrows():
        amounts = (f"{row[name]:,.0f}" for name in ("rule_limit", "limit", "change"))
        table.add_row(str(buyer), row["grade"], *amounts)
    return table
