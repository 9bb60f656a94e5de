"""The audit of a portfolio as one HTML page, and its essentials on the screen."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from rich.console import Group, RenderableType
from rich.table import Table

from models.page import Heading, Part, write_page
from serving.reports.audit import AuditSummary
from serving.reports.console import titled

SEGMENTS = ("grade", "sector", "country")
MOST_ROWS = 30  # of a segment with many values


def write_audit_page(summary: AuditSummary, out: Path) -> None:
    """The whole audit as one HTML file."""
    write_page(out, f"Portfolio on {summary.as_of_date}", list(_parts(summary)))


def audit_table(summary: AuditSummary) -> RenderableType:
    """Totals, grades, concentration and data quality, for the screen."""
    grades = summary.segments("grade")[["buyers", "exposure", "limit", "expected_loss"]]
    return Group(
        _rich(f"on {summary.as_of_date}", _totals(summary)),
        _rich("grades", grades),
        _rich("a year, on the exposure", summary.money()),
        _rich("concentration of the exposure", summary.concentration()),
        _rich("data quality", summary.quality()),
    )


def grade_figure(summary: AuditSummary) -> go.Figure:
    """What is owed and what is granted, by grade."""
    grades = summary.segments("grade")
    x = [f"grade {grade}" for grade in grades.index]
    names = {"exposure": "owed", "limit": "limit", "granted": "granted today"}
    figure = go.Figure([go.Bar(name=names[c], x=x, y=grades[c]) for c in names])
    return figure.update_layout(
        title="Owed and granted by grade", barmode="group", yaxis_title=summary.currency
    )


def exposure_figure(summary: AuditSummary) -> go.Figure:
    """Share of the exposure on the largest buyers."""
    exposure = summary.buyers["exposure"].sort_values(ascending=False).to_numpy()
    share = 100 * exposure.cumsum() / max(exposure.sum(), 1.0)
    step = max(1, len(share) // 500)  # no screen shows more
    rank = np.arange(1, len(share) + 1)
    return go.Figure(go.Scatter(x=rank[::step], y=share[::step], name="exposure")).update_layout(
        title="Share of the exposure on the largest buyers",
        xaxis={"title": "largest buyers", "type": "log"},
        yaxis_title="share, %",
    )


def _parts(summary: AuditSummary) -> Iterator[Part]:
    yield (
        "Open: invoices and balances known on the day, net of part payments and credits. Exposure: "
        "open, at least nothing. Limit: computed here, from what was known on the day. Granted: in "
        "force in the table of exposures. Expected loss: on the exposure, certain for a buyer in "
        "default."
    )
    yield _totals(summary)
    yield Heading("Grades")
    yield grade_figure(summary)
    yield Heading("What it costs and earns in a year")
    yield _cover(summary)
    yield summary.money()
    yield from (Heading("Largest expected losses"), summary.largest("expected_loss"))
    yield from (Heading("Owed above the limit"), summary.largest("above_limit"))
    if summary.buyers["granted"].notna().any():
        yield from (Heading("Owed above what is granted"), summary.largest("above_granted"))
        yield Heading("Buyers by what is granted and by the limit computed here")
        yield summary.granted_against_limit()
    yield from (Heading("Largest uninsured gaps"), summary.largest("uninsured"))
    yield Heading("Concentration")
    yield summary.concentration()
    yield exposure_figure(summary)
    above = summary.groups_above_cap()
    yield f"Groups above the policy's cap of {summary.policy.caps.group:,.0f}: {len(above):,}."
    if len(above):
        yield above
    for by in SEGMENTS:
        yield Heading(f"By {by}")
        segments = summary.segments(by)
        if by != "grade":
            segments = segments.sort_values("exposure", ascending=False)
        yield segments.head(MOST_ROWS)
        yield summary.bands(by).loc[segments.index[:MOST_ROWS]]
    yield from (Heading("Data quality"), summary.quality())
    if len(summary.refused):
        yield summary.refused.rename("rows refused").to_frame()


def _cover(summary: AuditSummary) -> str:
    """What the money table takes for granted."""
    policy = summary.policy
    told = summary.buyers["granted"].notna().any()
    return (
        f"Covered: the exposure within {'what is granted' if told else 'the limits computed here'}"
        f"; an insurer pays {policy.cover.insured_share:.0%} of its loss. Uninsured: the rest of "
        "the exposure. Premium: indicative, "
        f"{policy.cover.premium_loading:g} times the insurer's expected loss, of insurable "
        f"turnover. Return on capital asks {policy.return_on_capital.hurdle:.0%}. Sales to "
        f"recover: whose margin of {policy.sales_margin:.0%} pays for the expected loss."
    )


def _totals(summary: AuditSummary) -> pd.DataFrame:
    """To the cent, as text."""
    amounts = summary.totals()
    rows = {name.replace("_", " "): f"{amount:,.2f}" for name, amount in amounts.items()}
    return pd.DataFrame({summary.currency: {"buyers": f"{len(summary.buyers):,}", **rows}})


def _rich(title: str, frame: pd.DataFrame) -> Table:
    table = titled(title, *map(str, frame.columns))
    for name, row in frame.iterrows():
        table.add_row(str(name), *(_cell(value) for value in row))
    return table


def _cell(value: float | str) -> str:
    if isinstance(value, str):
        return value
    if np.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"
