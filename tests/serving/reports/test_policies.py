from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from models.credit_model import CreditModel
from models.policy import SHIPPED, Policy
from models.policy_review import Finding
from serving.reports.policies import (
    findings_table,
    moves_figure,
    moves_table,
    policy_moves,
    totals,
    unversioned,
    write_moves_page,
)

AS_OF = date(2025, 6, 30)


def shown(renderable: object) -> str:
    console = Console(width=140)
    with console.capture() as capture:
        console.print(renderable)
    return capture.get()


@pytest.fixture(scope="module")
def tighter(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("policies") / "tighter.toml"
    path.write_text(Policy.load().revise({"expected_loss_budget": 100.0}).to_toml())
    return path


def test_two_policies_of_one_version_are_told_apart(tighter: Path, tmp_path: Path) -> None:
    assert "change `version` in tighter.toml" in str(unversioned(SHIPPED, tighter))
    assert unversioned(SHIPPED, SHIPPED) is None
    renamed = tmp_path / "renamed.toml"
    renamed.write_text(Policy.load(tighter).revise({"version": "2026.2"}).to_toml())
    assert unversioned(SHIPPED, renamed) is None


@pytest.fixture(scope="module")
def moves(bundle, tables, tighter) -> pd.DataFrame:
    return policy_moves(CreditModel.load(bundle), SHIPPED, tighter, tables, AS_OF)


def test_findings_are_told_with_their_level() -> None:
    assert "no finding" in shown(findings_table([]))
    text = shown(findings_table([Finding("error", "cut_off: wrong"), Finding("warning", "odd")]))
    assert "error" in text
    assert "cut_off: wrong" in text


def test_a_tighter_budget_moves_buyers_down_only(moves: pd.DataFrame) -> None:
    assert (moves["change"] <= 0).all()
    assert (moves["change"] < 0).any()
    assert moves["change"].abs().is_monotonic_decreasing


def test_totals_add_up(moves: pd.DataFrame) -> None:
    table = totals(moves)
    assert table.loc["limits", "change"] == pytest.approx(moves["change"].sum())
    assert table.loc[["full", "partial", "refused"], "before"].sum() == len(moves)


def test_the_screen_names_the_largest_moves(moves: pd.DataFrame) -> None:
    text = shown(moves_table(moves))
    assert str(moves.index[0]) in text
    assert f"of {len(moves)} buyers move" in text
    nobody = moves.assign(change=0.0)
    assert "nobody moves" in shown(moves_table(nobody))


def test_the_page_shows_who_moves(moves: pd.DataFrame, tighter: Path, tmp_path: Path) -> None:
    out = tmp_path / "moves.html"
    write_moves_page(moves, SHIPPED, tighter, out)
    page = out.read_text()
    assert str(moves.index[0]) in page
    assert len(moves_figure(moves).data[0].x) == len(moves)


def test_a_policy_against_itself_moves_nobody(bundle, tables) -> None:
    moves = policy_moves(CreditModel.load(bundle), SHIPPED, SHIPPED, tables, AS_OF)
    assert (moves["change"] == 0).all()
