from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from models.credit_model import CreditModel
from serving.reports.allocate import (
    AllocationSummary,
    allocate,
    allocation_table,
    write_allocation_page,
)

DAY = date(2025, 6, 30)


@pytest.fixture(scope="module")
def summary(credit_model: CreditModel, tables: Path) -> AllocationSummary:
    """Half the loss of the rules: what to cut is the question."""
    rules = allocate(credit_model, tables, DAY)
    return allocate(credit_model, tables, DAY, budget=rules.budget / 2)


def test_the_same_loss_earns_more(summary: AllocationSummary) -> None:
    totals = summary.totals()
    assert totals.loc["rule-based", "expected_loss"] == pytest.approx(summary.budget)
    assert totals.loc["allocated", "expected_loss"] <= summary.budget + 0.01
    assert summary.gain > 0


def test_limits_stay_below_need_and_caps_and_on_the_grid(summary: AllocationSummary) -> None:
    buyers = summary.buyers
    assert (buyers["limit"] <= buyers["most"]).all()
    assert (buyers["limit"] % 1_000 == 0).all()
    assert (buyers.loc[buyers["most"] == 0, "limit"] == 0).all()


def test_a_smaller_budget_and_a_share_of_each_country(
    credit_model: CreditModel, tables: Path, summary: AllocationSummary, tmp_path: Path
) -> None:
    out = tmp_path / "new" / "limits.parquet"
    budget = summary.budget / 2
    tight = allocate(credit_model, tables, DAY, budget=budget, country_share=0.2, out=out)
    lost = (tight.buyers["limit"] * tight.buyers["expected_loss"]).groupby(tight.buyers["country"])
    assert lost.sum().max() <= 0.2 * budget + 0.01
    assert lost.sum().sum() <= budget + 0.01
    at_rest = pd.read_parquet(out).set_index("buyer_id")
    assert at_rest["limit"].to_list() == tight.buyers["limit"].to_list()


def test_the_table_tells_gain_and_moves(summary: AllocationSummary) -> None:
    console = Console(width=120)
    with console.capture() as screen:
        console.print(allocation_table(summary))
    text = screen.get()
    assert "rule-based" in text
    assert f"{summary.gain:,.0f}".replace(",", " ") in text
    assert summary.buyers["change"].abs().idxmax() in text


def test_for_every_budget_the_allocated_limits_earn_no_less(summary: AllocationSummary) -> None:
    frontier = summary.frontier
    assert (frontier["allocated"] >= frontier["rule-based"] - 1e-6).all()
    assert (frontier.diff().dropna() >= -1e-6).all(axis=None)  # a larger budget never earns less
    at_budget = frontier.loc[summary.budget, "rule-based"]
    assert at_budget == pytest.approx(summary.totals().loc["rule-based", "expected_margin"])


def test_the_page_shows_the_frontier_and_who_moves(
    summary: AllocationSummary, tmp_path: Path
) -> None:
    write_allocation_page(summary, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "Expected margin for one expected loss" in page
    assert "For the same expected loss of" in page
    assert summary.buyers["change"].abs().idxmax() in page
