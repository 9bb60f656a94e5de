from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from models.limits.loss import USUAL_PREMIUM
from training.backtest import Backtest, backtest
from training.config import TrainingConfig
from training.rules import OURS, SCALED, TENTH
from training.train import TrainingResult

FLAT = "flat, same total"
FLAT_SALES = "flat, same sales refused"


@pytest.fixture(scope="module")
def result(portfolio: Path, config: TrainingConfig, trained: TrainingResult) -> Backtest:
    return backtest(portfolio, config, trained.model, draws=30)


def test_rules_are_brought_to_the_scale_of_ours(result: Backtest) -> None:
    frame = result.amounts()
    assert frame.index[0] == OURS
    assert len(frame) == 7
    assert frame.loc[SCALED, "sales refused"] >= frame.loc[TENTH, "sales refused"] * (1 - 1e-6)
    assert frame.loc[FLAT, "granted"] == pytest.approx(frame.loc[OURS, "granted"])
    refused = frame["sales refused"]
    assert refused[FLAT_SALES] == pytest.approx(refused[OURS], rel=1e-6)


def test_both_results_are_against_granting_the_need_in_full(result: Backtest) -> None:
    frame, policy = result.amounts(), result.policy
    avoided, refused = frame["losses avoided"], frame["sales refused"]
    margin, insured = policy.sales_margin, policy.cover.insured_share
    assert frame["supplier"].to_numpy() == pytest.approx(avoided - margin * refused)
    assert frame["insurer"].to_numpy() == pytest.approx(
        insured * avoided - USUAL_PREMIUM[1] * refused
    )


def test_both_sides_are_printed(result: Backtest) -> None:
    console = Console(width=240)
    with console.capture() as screen:
        console.print(result.table())
    text = screen.get()
    for word in ("losses avoided", "sales refused", OURS, FLAT, TENTH, result.history.assumption):
        assert word in text
    assert OURS not in result.beside_ours().index


def test_the_page_shows_rules_and_curves(result: Backtest) -> None:
    *notes, frame, _, _, figure = result.parts()
    assert notes == list(result.notes)
    assert frame.index[0] == OURS
    names = {trace.name for trace in figure.data}
    assert {"flat, any level", "share of net worth, any level", OURS, TENTH} <= names
    curve = figure.data[0]
    assert (np.diff(curve.x) <= 1e-9).all()  # a higher level refuses less
    assert (np.diff(curve.y) <= 1e-9).all()  # and avoids less
