"""A portfolio folder under a scenario: on the screen, and as a page."""

from datetime import date
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from models.credit_model import CreditModel
from models.page import write_page
from models.scenarios.scenario import Scenario
from models.scenarios.stress import WHEN, ScenarioResult, reverse_stress, run
from serving.portfolio import everyone
from serving.reports.console import money


def stress(
    model: CreditModel, portfolio: Path, scenario: str | Path, as_of_date: date
) -> ScenarioResult:
    """Every buyer of a portfolio folder before and after a scenario, a shipped one or a file."""
    facts, keys = everyone(portfolio, model.policy, as_of_date)
    return run(model, facts, keys, Scenario.load(scenario))


def breaking_shock(
    model: CreditModel,
    portfolio: Path,
    scenario: str | Path,
    as_of_date: date,
    loss_budget: float,
) -> float | None:
    """The mildest shock to the economy that brings the expected loss to `loss_budget`, in standard
    deviations on top of the scenario; None where none does."""
    facts, keys = everyone(portfolio, model.policy, as_of_date)
    return reverse_stress(model, facts, keys, Scenario.load(scenario), loss_budget)


def stress_table(result: ScenarioResult) -> RenderableType:
    """Each grade before and after, amounts in thousands, then the totals."""
    before, after = result.expected_loss
    title = f"{result.scenario.name}: {result.scenario.description} (k{result.currency})"
    table = Table(title=escape(title), title_justify="left", box=None, pad_edge=False)
    table.add_column("grade")
    for heading in ("buyers", "default", "after", "limits", "after", "loss", "after"):
        table.add_column(heading, justify="right")
    for grade, row in result.summary().iterrows():
        table.add_row(
            str(grade),
            f"{row['buyers']:,.0f}",
            *(f"{row[f'default_probability_{when}']:.2%}" for when in WHEN),
            *(f"{row[f'limit_{when}'] / 1000:,.0f}" for when in WHEN),
            *(f"{row[f'expected_loss_{when}'] / 1000:,.1f}" for when in WHEN),
        )
    total = f"expected loss {money(before, result.currency)} → {money(after, result.currency)}"
    moved = int((result.buyers["grade_before"] != result.buyers["grade_after"]).sum())
    return Group(table, "", f"{total}; {moved:,} of {len(result.buyers):,} buyers change grade")


def migration_figure(result: ScenarioResult) -> go.Figure:
    """Share of the buyers of each grade before that are in each grade after."""
    counts = result.migration()
    shares = counts.div(counts.sum(axis=1).replace(0, np.nan), axis=0)
    grades = [f"grade {grade}" for grade in result.grades]
    heatmap = go.Heatmap(
        z=shares, x=grades, y=grades, customdata=counts, colorscale="Blues", zmin=0, zmax=1,
        hovertemplate="%{y} → %{x}: %{z:.1%}, %{customdata} buyers<extra></extra>",
    )  # fmt: skip
    return go.Figure(heatmap).update_layout(
        title="Migration by grade",
        xaxis_title="after",
        yaxis={"title": "before", "autorange": "reversed"},
    )


def loss_figure(result: ScenarioResult, by: str = "sector") -> go.Figure:
    """Expected loss before and after by grade_before, sector or country."""
    table = result.summary(by)
    groups = [str(group) or "unknown" for group in table.index]
    figure = go.Figure([go.Bar(name=w, x=groups, y=table[f"expected_loss_{w}"]) for w in WHEN])
    return figure.update_layout(
        title=f"Expected loss by {by.removesuffix('_before')}",
        xaxis={"type": "category"},
        yaxis_title=result.currency,
    )


def write_stress_page(result: ScenarioResult, out: Path) -> None:
    """Tables and figures of a scenario as one HTML file."""
    before, after = result.expected_loss
    write_page(
        out,
        f"Scenario {result.scenario.name}",
        [
            result.scenario.description,
            f"Expected loss: {money(before, result.currency)} before, "
            f"{money(after, result.currency)} after.",
            result.summary(),
            migration_figure(result),
            *(loss_figure(result, by) for by in ("grade_before", "sector", "country")),
            result.summary("sector"),
            result.summary("country"),
        ],
    )
