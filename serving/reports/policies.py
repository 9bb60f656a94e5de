"""Policies under review: what looks wrong in one, and who moves between two, on a portfolio."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from models.assessment import ANEW, assess
from models.credit_model import CreditModel
from models.page import write_page
from models.policy import Policy
from models.policy_review import Finding, diff
from serving.portfolio import everyone

MOVES_SHOWN = 20
WHEN = ("before", "after")


def findings_table(findings: Sequence[Finding]) -> RenderableType:
    """What a check of a policy found, errors in red."""
    if not findings:
        return "no finding: the policy can serve"
    table = Table("level", "finding", box=None, pad_edge=False)
    for finding in findings:
        style = "bold red" if finding.level == "error" else "yellow"
        table.add_row(finding.level, escape(finding.message), style=style)
    return table


def policy_moves(
    model: CreditModel, before: Path, after: Path, portfolio: Path, as_of_date: date
) -> pd.DataFrame:
    """Every buyer of a portfolio folder under two policy files, the largest moves first; limits are
    set anew under both, whatever is in force.

    Columns as in models.policy_review.diff, in the policies' common currency.
    """
    old, new = Policy.load(before), Policy.load(after)
    facts, keys = everyone(portfolio, old, as_of_date)
    inputs = assess(model.with_policy(old), facts, keys, ANEW).inputs
    return diff(old, new, inputs, facts.buyer_ids[keys.buyer])


def unversioned(before: Path, after: Path) -> str | None:
    """What to say where two policies differ under one version: answers name the version."""
    old, new = Policy.load(before), Policy.load(after)
    if old.version != new.version or old.digest == new.digest:
        return None
    return f"both are called {old.version} and differ: change `version` in {after.name}"


def totals(moves: pd.DataFrame) -> pd.DataFrame:
    """Sum of limits, buyers with a limit, and buyers by decision, before and after."""
    rows = {}
    for when in WHEN:
        limit, decisions = moves[f"limit_{when}"], moves[f"decision_{when}"].value_counts()
        rows[when] = {"limits": limit.sum(), "buyers with a limit": (limit > 0).sum()} | {
            str(decision): count for decision, count in decisions.sort_index().items()
        }
    table = pd.DataFrame(rows).fillna(0)
    table["change"] = table["after"] - table["before"]
    return table


def moves_table(moves: pd.DataFrame) -> RenderableType:
    """Totals before and after, then the buyers that move most."""
    summary = Table("", "before", "after", "change", box=None, pad_edge=False)
    for name, row in totals(moves).iterrows():
        summary.add_row(
            str(name), f"{row['before']:,.0f}", f"{row['after']:,.0f}", f"{row['change']:+,.0f}"
        )
    movers = moves[moves["change"] != 0]
    largest = Table("buyer", "before", "after", "change", "binding after", box=None, pad_edge=False)
    for buyer_id, row in movers.head(MOVES_SHOWN).iterrows():
        largest.add_row(
            str(buyer_id),
            f"{row['limit_before']:,.0f}",
            f"{row['limit_after']:,.0f}",
            f"{row['change']:+,.0f}",
            str(row["binding_after"]),
        )
    moved = f"{len(movers):,} of {len(moves):,} buyers move; the largest moves:"
    return Group(summary, "", moved, largest) if len(movers) else Group(summary, "", "nobody moves")


def moves_figure(moves: pd.DataFrame) -> go.Figure:
    """Limit after against limit before, a point a buyer; nobody moves on the dotted line."""
    figure = go.Figure(
        go.Scattergl(
            x=moves["limit_before"], y=moves["limit_after"], mode="markers", name="buyers",
            text=moves.index.astype(str),
            hovertemplate="%{text}: %{x:,.0f} → %{y:,.0f}<extra></extra>",
        )
    )  # fmt: skip
    most = float(moves[["limit_before", "limit_after"]].to_numpy().max(initial=0))
    figure.add_scatter(
        x=[0, most], y=[0, most], mode="lines", name="no change", line={"dash": "dot"}
    )
    return figure.update_layout(
        title="Limits", xaxis_title="before", yaxis_title="after", hovermode="closest"
    )


def write_moves_page(moves: pd.DataFrame, before: Path, after: Path, out: Path) -> None:
    """Totals, figure and every buyer that moves as one HTML file."""
    movers = moves[moves["change"] != 0]
    write_page(
        out,
        f"Policy {before.name} against {after.name}",
        [
            f"{len(movers):,} of {len(moves):,} buyers move.",
            totals(moves),
            moves_figure(moves),
            movers,
        ],
    )
