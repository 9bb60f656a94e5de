"""Backtest: losses avoided, and sales refused, had limits been set so; both sides, always.

Each rule grants no more than the need. Against granting the need in full, a limit avoids
loss given default × (exposure at default beyond the limit) and refuses the share of the sales that
it does not reach.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table

from features.facts import Facts
from features.tables import read_tables
from models.credit_model import CreditModel
from models.statistics.jeffreys import Interval
from training.config import TrainingConfig
from training.history import SHARE_OF_REVENUE, Floats, History, history
from training.statistics.discrimination import bootstrap_interval

Part: TypeAlias = str | pd.DataFrame | go.Figure

OURS = "model and policy"
FLAT = "flat limit, same total"
TENTH = "10 % of net worth"
NET_WORTH = "share of net worth, same total"
CURVE = np.geomspace(0.01, 100, 60)  # multiples of a rule, for its curve


@dataclass(frozen=True)
class Measured:
    """One rule: amounts over all rows, and shares of what granting the need in full would lose and
    sell; `beyond` are the shares of ours less those of this rule, by the same draws of buyers."""

    granted: float
    losses: float
    sales_refused: float
    losses_avoided_share: Interval
    sales_refused_share: Interval
    losses_avoided_beyond: Interval
    sales_refused_beyond: Interval


@dataclass(frozen=True)
class Backtest:
    """`measured` by rule; `margin` is what is earned on sales."""

    history: History
    measured: Mapping[str, Measured]
    margin: float
    notes: tuple[str, ...]

    def frame(self) -> pd.DataFrame:
        """One row a rule: amounts, shares with their 95 % intervals, and the net result of losses
        avoided less margin forgone, against granting the need in full."""
        all_lost = _lost(self.history, self.history.need).sum()
        rows = {}
        for rule, m in self.measured.items():
            avoided = all_lost - m.losses
            rows[rule] = {
                "granted": m.granted,
                "losses": m.losses,
                "losses avoided": avoided,
                "sales refused": m.sales_refused,
                "net result": avoided - self.margin * m.sales_refused,
                "losses avoided, share": _percent(m.losses_avoided_share),
                "sales refused, share": _percent(m.sales_refused_share),
                "ours avoids more": _percent(m.losses_avoided_beyond, signed=True),
                "ours refuses more": _percent(m.sales_refused_beyond, signed=True),
            }
        frame = pd.DataFrame.from_dict(rows, orient="index")
        frame.loc[OURS, ["ours avoids more", "ours refuses more"]] = ""
        return frame

    def table(self) -> RenderableType:
        """The frame and the notes, for the screen."""
        frame = self.frame()
        table = Table(title=f"amounts in {self.history.currency}", title_justify="left")
        table.add_column("rule")
        for heading in frame.columns:
            table.add_column(heading, justify="right")
        for rule, row in frame.iterrows():
            table.add_row(str(rule), *(v if isinstance(v, str) else f"{v:,.0f}" for v in row))
        return Group(table, *(f"• {note}" for note in self.notes))

    def parts(self) -> list[Part]:
        """What a page shows."""
        return [*self.notes, self.frame(), trade_off_figure(self)]


def backtest(
    portfolio: Path,
    config: TrainingConfig,
    model: CreditModel,
    *,
    share_of_revenue: float = SHARE_OF_REVENUE,
    draws: int = 1000,
) -> Backtest:
    """Run a model and its policy over the test slice of `config`, as known then.

    `share_of_revenue` stands for the purchases of buyers where the portfolio has no invoices.
    Intervals are 95 % by drawing buyers again. ValueError where the slice is not out of time.
    """
    facts = Facts.of(read_tables(portfolio), config.currency)
    past = history(facts, config, model, share_of_revenue)
    granted = rules(past)
    measured = {name: measure(past, limit, past.limit, draws) for name, limit in granted.items()}
    return Backtest(past, measured, model.policy.sales_margin, _notes(past, model))


def rules(past: History) -> dict[str, Floats]:
    """What each rule grants, (n,), never above the need."""
    flat, net_worth = np.ones(len(past)), np.fmax(past.net_worth, 0.0)
    total = past.limit.sum()
    return {
        OURS: past.limit,
        FLAT: np.minimum(level(flat, past.need, total) * flat, past.need),
        TENTH: np.minimum(0.10 * net_worth, past.need),
        NET_WORTH: np.minimum(level(net_worth, past.need, total) * net_worth, past.need),
    }


def level(base: Floats, need: Floats, total: float) -> float:
    """The multiple of `base` that grants `total`, each buyer's need being its most; the largest
    that still adds anything where that is too little.

    >>> level(np.array([1.0, 1.0, 1.0]), np.array([10.0, 50.0, 90.0]), 90.0)
    40.0
    """
    some = base > 0
    base, need = base[some], need[some]
    if not len(base):
        return 0.0
    order = np.argsort(need / base, kind="stable")
    base, need = base[order], need[order]
    multiple = need / base
    granted = np.cumsum(need) + multiple * (base.sum() - np.cumsum(base))
    return float(np.interp(total, np.append(0.0, granted), np.append(0.0, multiple)))


def measure(past: History, limit: Floats, ours: Floats, draws: int) -> Measured:
    """Both sides of `limit`, with intervals, and beside `ours`."""
    columns = (past.need, limit, ours)
    lost = [_by_buyer(past, _lost(past, column)) for column in columns]
    sold = [_by_buyer(past, _sold(past, column)) for column in columns]
    buyers = np.arange(len(lost[0]))

    def interval(statistic: Callable[..., float], columns: list[Floats]) -> Interval:
        return bootstrap_interval(statistic, buyers, *columns, draws=draws)

    return Measured(
        float(limit.sum()),
        float(lost[1].sum()),
        float(sold[0].sum() - sold[1].sum()),
        interval(_missing_share, lost[:2]),
        interval(_missing_share, sold[:2]),
        interval(_further_share, lost),
        interval(_further_share, sold),
    )


def trade_off_figure(result: Backtest) -> go.Figure:
    """Losses avoided against sales refused: each simple rule at every level, and the rules."""
    past, figure = result.history, go.Figure()
    all_lost, all_sold = (part(past, past.need).sum() for part in (_lost, _sold))
    bases = {"flat limit": np.ones(len(past)), "share of net worth": np.fmax(past.net_worth, 0.0)}
    for name, base in bases.items():
        centre = level(base, past.need, past.limit.sum())
        limits = [np.minimum(multiple * centre * base, past.need) for multiple in CURVE]
        figure.add_scatter(
            x=[100 * (1 - _sold(past, limit).sum() / all_sold) for limit in limits],
            y=[100 * (1 - _lost(past, limit).sum() / all_lost) for limit in limits],
            mode="lines",
            name=f"{name}, any level",
        )
    for name, m in result.measured.items():
        avoided, refused = m.losses_avoided_share, m.sales_refused_share
        figure.add_scatter(
            x=[100 * refused.value], y=[100 * avoided.value], name=name, mode="markers",
            marker_size=10, error_x=_bars(refused), error_y=_bars(avoided),
        )  # fmt: skip
    return figure.update_layout(
        title="Losses avoided against sales refused",
        xaxis_title="sales refused, %",
        yaxis_title="losses avoided, %",
    )


def _lost(past: History, limit: Floats) -> Floats:
    return past.loss_given_default * np.minimum(limit, past.owed)


def _sold(past: History, limit: Floats) -> Floats:
    return past.sales * limit / past.need


def _by_buyer(past: History, amount: Floats) -> Floats:
    """Totals of each buyer in the history."""
    return np.bincount(np.unique(past.buyer, return_inverse=True)[1], amount).astype(np.float64)


def _missing_share(full: NDArray, granted: NDArray) -> float:
    return _ratio(full.sum() - granted.sum(), full.sum())


def _further_share(full: NDArray, granted: NDArray, ours: NDArray) -> float:
    return _ratio(granted.sum() - ours.sum(), full.sum())


def _ratio(part: float, whole: float) -> float:
    if not whole:
        raise ValueError("nothing was owed or sold")  # a draw without defaults is left out
    return float(part / whole)


def _percent(interval: Interval, signed: bool = False) -> str:
    sign = "+" if signed else ""
    value, low, high = (f"{100 * part:{sign}.1f}" for part in interval)
    return f"{value} % [{low}, {high}]"


def _bars(interval: Interval) -> dict[str, object]:
    value, low, high = (100 * part for part in interval)
    return {"array": [high - value], "arrayminus": [value - low]}


def _notes(past: History, model: CreditModel) -> tuple[str, ...]:
    days = np.unique(past.as_of).astype("datetime64[D]")
    notes = [
        f"{len(past):,} rows of {len(np.unique(past.buyer)):,} buyers on {len(days)} days from "
        f"{days[0]} to {days[-1]}, {int(past.default.sum()):,} of them defaults within the "
        "horizon; amounts are sums over the rows, intervals 95 % by buyers",
        past.assumption,
        "each limit stands for the whole horizon; a limit below the need refuses its share of the "
        f"sales; net result: losses avoided less {model.policy.sales_margin:.0%} margin on the "
        "sales refused, against granting the need in full",
    ]
    if past.currency != model.policy.currency:
        notes.append(
            f"the policy's amounts, in {model.policy.currency}, are taken for {past.currency}"
        )
    return tuple(notes)
