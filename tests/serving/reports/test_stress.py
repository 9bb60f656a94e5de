from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from models.credit_model import CreditModel
from models.scenarios.stress import ScenarioResult
from serving.reports.stress import (
    breaking_shock,
    loss_figure,
    migration_figure,
    stress,
    stress_table,
    write_stress_page,
)

AS_OF = date(2025, 6, 30)


@pytest.fixture(scope="module")
def result(bundle, tables) -> ScenarioResult:
    return stress(CreditModel.load(bundle), tables, "sector-shock", AS_OF)


def test_the_screen_shows_every_grade_and_the_totals(result: ScenarioResult) -> None:
    console = Console(width=140)
    with console.capture() as capture:
        console.print(stress_table(result))
    text = capture.get()
    assert "sector-shock" in text
    for grade in result.buyers["grade_before"].unique():
        assert f"\n{grade} " in text
    assert f"of {len(result.buyers)} buyers change grade" in text


def test_figures_show_what_the_tables_hold(result: ScenarioResult) -> None:
    (heatmap,) = migration_figure(result).data
    assert heatmap.customdata.sum() == len(result.buyers)
    bars = loss_figure(result, "country").data
    assert [sum(bar.y) for bar in bars] == pytest.approx(result.expected_loss)


def test_the_page_holds_tables_and_figures(result: ScenarioResult, tmp_path: Path) -> None:
    out = tmp_path / "stress.html"
    write_stress_page(result, out)
    page = out.read_text()
    assert "<h1>Scenario sector-shock</h1>" in page
    assert page.count("Plotly.newPlot(") == 4
    assert page.count("<table") == 3


def test_the_shock_that_breaks_a_budget_breaks_it(bundle, tables, tmp_path: Path) -> None:
    model = CreditModel.load(bundle)
    budget = 2 * stress(model, tables, "baseline", AS_OF).expected_loss[0]
    shock = breaking_shock(model, tables, "baseline", AS_OF, budget)
    harsh = tmp_path / "harsh.toml"
    harsh.write_text(f'name = "harsh"\nshock = {shock}\n')
    assert stress(model, tables, harsh, AS_OF).expected_loss[1] >= budget
