"""The truth is true: it equals the power of the whole transition matrix, and defaults follow it."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from training.economy.chain import (
    CURE,
    INSOLVENCY,
    INSOLVENCY_LATER,
    INSOLVENT,
    LIQUIDITY,
    MOVE,
    PROTRACTED,
    RESUMPTION,
    SOLVENT,
    STEPS,
    SWING,
    WAITING,
    Lives,
    live,
    truth,
)
from training.economy.firms import Firms
from training.economy.world import HORIZON, Calendar, World

COUNT = 6000


@pytest.fixture(scope="module")
def drawn() -> tuple[Firms, World, Lives]:
    rng = np.random.default_rng(5)
    world = World.draw(Calendar.until(date(2024, 6, 30), 6), rng)
    firms = Firms.draw(1, COUNT, world, rng)
    return firms, world, live(firms, world, rng)


def told(drawn: tuple[Firms, World, Lives]) -> pd.DataFrame:
    return truth(*drawn).to_pandas()


def transition(odds: float) -> np.ndarray:
    """One month of the chain, written out: states (status, level), default absorbing and last."""
    levels = STEPS + 1
    matrix = np.zeros((levels * (WAITING + 1) + 1,) * 2)
    default = len(matrix) - 1
    matrix[default, default] = 1
    for k in range(levels):
        x = (2 * k - STEPS) / np.sqrt(STEPS)
        hazard = 1 / (1 + np.exp(-(np.log(odds) - LIQUIDITY * SWING * x)))
        matrix[k, levels + k] = hazard
        matrix[k, k] += (1 - hazard) * (1 - MOVE)
        if k > 0:
            matrix[k, k - 1] = (1 - hazard) * MOVE * k / STEPS
        if k < STEPS:
            matrix[k, k + 1] = (1 - hazard) * MOVE * (1 - k / STEPS)
        for month in range(1, WAITING + 1):
            here = levels * month + k
            matrix[here, default] += INSOLVENCY
            matrix[here, k] = RESUMPTION
            onward = default if month == WAITING else here + levels
            matrix[here, onward] += 1 - INSOLVENCY - RESUMPTION
    assert np.allclose(matrix.sum(axis=1), 1)
    return matrix


def test_truth_is_the_power_of_the_transition_matrix(drawn: tuple[Firms, World, Lives]) -> None:
    firms, world, lives = drawn
    rows = told(drawn)
    stressed = rows.sort_values("default_probability").iloc[[0, 300, -2000, -300, -1]]
    ids = firms.ids.to_pylist()
    risk = firms.risk(world.calendar) - LIQUIDITY * firms.norm(world)
    for row in stressed.itertuples():
        i = ids.index(row.buyer_id)
        day = np.datetime64(row.as_of_date, "D").astype(int)
        month = int(world.calendar.month_of(np.array([day]))[0])
        state = np.zeros((STEPS + 1) * (WAITING + 1) + 1)
        state[int(lives.status[i, month]) * (STEPS + 1) + int(lives.level[i, month])] = 1
        for t in range(month + 1, month + HORIZON + 1):
            state = state @ transition(np.exp(risk[i, t]))
        assert row.default_probability == pytest.approx(state[-1], rel=1e-9)


def test_defaults_follow_the_truth_in_every_bin(drawn: tuple[Firms, World, Lives]) -> None:
    """Year-ends only, so that horizons do not overlap; bounds of one in 100,000 for each bin."""
    rows = told(drawn)
    rows = rows[pd.to_datetime(rows["as_of_date"]).dt.month == 6]
    bins = pd.qcut(rows["default_probability"], [0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 1])
    for _, group in rows.groupby(bins, observed=True):
        p, defaults = group["default_probability"].mean(), group["default_on"].notna().sum()
        low, high = binom.ppf([1e-5, 1 - 1e-5], len(group), p)
        assert low <= defaults <= high


def test_only_buyers_not_in_default_are_told(drawn: tuple[Firms, World, Lives]) -> None:
    firms, world, lives = drawn
    rows = told(drawn).set_index(["buyer_id", "as_of_date"])
    ids, months = firms.ids.to_pylist(), world.calendar.snapshots
    days = world.calendar.last_day(months).astype("datetime64[D]").astype(object)
    in_default = lives.status[:, months] >= PROTRACTED
    for i, column in np.argwhere(in_default)[:200]:
        assert (ids[i], days[column]) not in rows.index
    horizon = pd.to_datetime(rows["default_on"]) - pd.to_datetime(
        rows.index.get_level_values("as_of_date")
    )
    assert horizon.dropna().dt.days.between(1, 366).all()


def test_liquidity_is_standard_and_reverts_as_documented(drawn: tuple[Firms, World, Lives]) -> None:
    lives = drawn[2]
    alive = (lives.status == SOLVENT).all(axis=1)
    x = (2.0 * lives.level - STEPS) / np.sqrt(STEPS)
    assert x[:, 0].mean() == pytest.approx(0, abs=0.05)
    assert x[:, 0].std() == pytest.approx(1, abs=0.05)
    a_year = np.corrcoef(x[alive, 10], x[alive, 22])[0, 1]
    assert a_year == pytest.approx((1 - 2 * MOVE / STEPS) ** 12, abs=0.06)


def test_statuses_follow_each_other(drawn: tuple[Firms, World, Lives]) -> None:
    status = drawn[2].status
    before, now = status[:, :-1].ravel(), status[:, 1:].ravel()
    steps = set(zip(before.tolist(), now.tolist(), strict=True))
    arrears = range(1, WAITING + 1)
    assert steps == {
        (SOLVENT, SOLVENT),
        (SOLVENT, 1),
        *((month, month + 1) for month in arrears),  # the last into protracted default
        *((month, after) for month in arrears for after in (SOLVENT, INSOLVENT)),
        *((PROTRACTED, after) for after in (SOLVENT, PROTRACTED, INSOLVENT)),
        (INSOLVENT, INSOLVENT),
    }
    in_protracted = before == PROTRACTED
    assert (now[in_protracted] == SOLVENT).mean() == pytest.approx(CURE, abs=0.02)
    assert (now[in_protracted] == INSOLVENT).mean() == pytest.approx(INSOLVENCY_LATER, abs=0.02)


def test_members_of_a_group_share_luck(drawn: tuple[Firms, World, Lives]) -> None:
    firms, _, lives = drawn
    moves = np.diff(lives.level[:, :36].astype(float), axis=1)
    member = np.flatnonzero(firms.head != np.arange(COUNT))
    tied = np.corrcoef(moves[member].ravel(), moves[firms.head[member]].ravel())[0, 1]
    alone = np.corrcoef(moves[:-1].ravel(), moves[1:].ravel())[0, 1]
    assert tied > 0.35
    assert abs(alone) < 0.1
