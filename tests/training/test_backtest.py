from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from training.backtest import (
    FLAT,
    NET_WORTH,
    OURS,
    TENTH,
    Backtest,
    backtest,
    level,
    measure,
    rules,
)
from training.config import TrainingConfig
from training.history import History
from training.train import TrainingResult

amounts = st.lists(st.floats(1, 1e6), min_size=1, max_size=12)


def three_buyers() -> History:
    """A, granted in full, is sound; B, cut to a quarter, defaults owing 80; C is refused."""
    return History(
        buyer=np.array([0, 1, 2]),
        as_of=np.zeros(3, np.int32),
        default=np.array([False, True, False]),
        need=np.array([100.0, 100.0, 200.0]),
        limit=np.array([100.0, 25.0, 0.0]),
        net_worth=np.array([500.0, 2_000.0, np.nan]),
        loss_given_default=np.full(3, 0.5),
        sales=np.array([1_000.0, 1_000.0, 2_000.0]),
        owed=np.array([0.0, 80.0, 0.0]),
        currency="EUR",
        assumption="by hand",
    )


def test_both_sides_of_a_limit() -> None:
    past = three_buyers()
    found = measure(past, past.limit, past.limit, draws=50)
    assert found.granted == 125
    assert found.losses == 12.5  # half of the 25 within the limit
    assert found.sales_refused == 750 + 2_000
    assert found.losses_avoided_share.value == pytest.approx(1 - 12.5 / 40)
    assert found.sales_refused_share.value == pytest.approx(2_750 / 4_000)
    assert found.losses_avoided_beyond == (0, 0, 0)


def test_what_each_rule_grants() -> None:
    granted = rules(three_buyers())
    assert granted[OURS].tolist() == [100, 25, 0]
    assert granted[FLAT] == pytest.approx([125 / 3] * 3)
    assert granted[TENTH].tolist() == [50, 100, 0]  # the second would get 200, and needs 100
    assert granted[NET_WORTH] == pytest.approx([25, 100, 0])


@given(amounts, st.floats(0, 1))
def test_a_level_grants_the_total(need: list[float], share: float) -> None:
    needs = np.array(need)
    base = np.linspace(0.5, 2.0, len(needs))
    total = share * needs.sum()
    granted = np.minimum(level(base, needs, total) * base, needs).sum()
    assert granted == pytest.approx(total, rel=1e-6, abs=1e-6)


def test_a_level_out_of_reach_grants_all_it_can() -> None:
    assert level(np.array([0.0, 2.0]), np.array([10.0, 10.0]), 1e9) == 5
    assert level(np.zeros(2), np.ones(2), 1.0) == 0


@pytest.fixture(scope="module")
def result(portfolio: Path, config: TrainingConfig, trained: TrainingResult) -> Backtest:
    return backtest(portfolio, config, trained.model, draws=30)


def test_rules_of_the_same_total_grant_the_same(result: Backtest) -> None:
    frame = result.frame()
    assert frame.index.tolist() == [OURS, FLAT, TENTH, NET_WORTH]
    assert frame.loc[FLAT, "granted"] == pytest.approx(frame.loc[OURS, "granted"])
    avoided, refused = frame["losses avoided"], frame["sales refused"]
    assert frame["net result"].to_numpy() == pytest.approx(avoided - result.margin * refused)


def test_both_sides_are_printed(result: Backtest) -> None:
    console = Console(width=240)
    with console.capture() as screen:
        console.print(result.table())
    text = screen.get()
    for word in ("losses avoided", "sales refused", OURS, FLAT, TENTH, result.history.assumption):
        assert word in text


def test_the_page_shows_rules_and_curves(result: Backtest) -> None:
    *notes, frame, figure = result.parts()
    assert notes == list(result.notes)
    assert frame.index[0] == OURS
    names = {trace.name for trace in figure.data}
    assert {"flat limit, any level", "share of net worth, any level", OURS, TENTH} <= names
    curve = figure.data[0]
    assert (np.diff(curve.x) <= 1e-9).all()  # a higher level refuses less
    assert (np.diff(curve.y) <= 1e-9).all()  # and avoids less
