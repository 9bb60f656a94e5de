"""Backtest: losses avoided, and sales refused, had limits been set so; both sides, always.

Each rule grants no more than the need. Against granting the need in full, a limit avoids
loss given default × (exposure at default beyond the limit) and refuses the share of the sales that
it does not reach. A limit carries several times its amount in sales a year, so that at a margin of
10 % no refusal of a buyer that is likely to pay ever earns its keep, whatever the rule. What tells
rules apart is what each unit of refused sales avoids in losses, and what they avoid while as much
is granted, or as much refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from rich.console import Group, RenderableType
from rich.table import Table

from features.facts import Facts
from features.tables import read_tables
from models.credit_model import CreditModel
from models.limits.loss import USUAL_PREMIUM
from models.page import Part
from models.policy import Policy
from models.statistics.jeffreys import Interval
from training.config import TrainingConfig
from training.history import History, history
from training.measure import Measured, measure
from training.rules import OURS, SCALED, TENTH, bases, level, lost, rules, sold

CURVE: Final = np.geomspace(0.01, 100, 60)  # multiples of a rule, for its curve


@dataclass(frozen=True)
class Backtest:
    """`measured` by rule, under `policy`."""

    history: History
    measured: Mapping[str, Measured]
    policy: Policy
    notes: tuple[str, ...]

    def amounts(self) -> pd.DataFrame:
        """One row a rule, amounts against granting the need in full; `supplier`: losses avoided
        less the margin on the sales refused; `insurer`: its share of them, less the highest usual
        premium on these sales."""
        all_lost = float(lost(self.history, self.history.need).sum())
        rows = {}
        for rule, m in self.measured.items():
            avoided = all_lost - m.losses
            insured = self.policy.cover.insured_share * avoided
            rows[rule] = {
                "granted": m.granted,
                "losses": m.losses,
                "losses avoided": avoided,
                "sales refused": m.sales_refused,
                "supplier": avoided - self.policy.sales_margin * m.sales_refused,
                "insurer": insured - USUAL_PREMIUM[1] * m.sales_refused,
            }
        return pd.DataFrame.from_dict(rows, orient="index")

    def shares(self) -> pd.DataFrame:
        """One row a rule, percentages with their 95 % intervals. `avoided per 100 refused` is also
        the margin, in percent, below which the refusals pay."""
        columns = {
            "losses avoided": "avoided",
            "sales refused": "refused",
            "avoided per 100 refused": "avoided_per_refused",
        }
        return self._percentages(columns, signed=False)

    def beside_ours(self) -> pd.DataFrame:
        """One row a rule, what ours does more, in points with their 95 % intervals; beside 10 % of
        net worth, ours as scaled near it."""
        columns = {
            "ours avoids more": "ours_avoids_more",
            "ours refuses more": "ours_refuses_more",
            "more per 100 refused": "ours_avoids_more_per_refused",
        }
        return self._percentages(columns, signed=True).drop(index=[OURS, SCALED])

    def _percentages(self, columns: Mapping[str, str], signed: bool) -> pd.DataFrame:
        rows = {
            rule: {name: _percent(getattr(m, field), signed) for name, field in columns.items()}
            for rule, m in self.measured.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def table(self) -> RenderableType:
        """The three frames and the notes, for the screen."""
        return Group(
            _rich(f"thousands of {self.history.currency}", self.amounts() / 1000),
            _rich("percent [95 % interval]", self.shares()),
            _rich("ours less each rule, points [95 % interval]", self.beside_ours()),
            *(f"• {note}" for note in self.notes),
        )

    def parts(self) -> list[Part]:
        """What a page shows."""
        frames = [self.amounts(), self.shares(), self.beside_ours()]
        return [*self.notes, *frames, trade_off_figure(self)]


def backtest(
    portfolio: Path,
    config: TrainingConfig,
    model: CreditModel,
    *,
    draws: int = 1000,
) -> Backtest:
    """Run a model and its policy over the test slice of `config`, as known then.

    Intervals are 95 % by drawing buyers again. ValueError where the slice is not out of time.
    """
    facts = Facts.of(read_tables(portfolio), config.currency)
    return backtest_of(facts, config, model, draws=draws)


def backtest_of(
    facts: Facts,
    config: TrainingConfig,
    model: CreditModel,
    *,
    draws: int,
) -> Backtest:
    """`backtest` of facts already read."""
    past = history(facts, config, model)
    granted = rules(past)
    measured = {
        name: measure(past, limit, granted[SCALED] if name == TENTH else past.limit, draws)
        for name, limit in granted.items()
    }
    return Backtest(past, measured, model.policy, _notes(past, model.policy, measured[OURS]))


def trade_off_figure(result: Backtest) -> go.Figure:
    """Losses avoided against sales refused: each simple rule at every level, and the rules."""
    past, figure = result.history, go.Figure()
    all_lost, all_sold = (part(past, past.need).sum() for part in (lost, sold))
    for name, base in bases(past).items():
        centre = level(base, past.need, past.limit.sum())
        limits = [np.minimum(multiple * centre * base, past.need) for multiple in CURVE]
        figure.add_scatter(
            x=[100 * (1 - sold(past, limit).sum() / all_sold) for limit in limits],
            y=[100 * (1 - lost(past, limit).sum() / all_lost) for limit in limits],
            mode="lines",
            name=f"{name}, any level",
        )
    for name, m in result.measured.items():
        figure.add_scatter(
            x=[100 * m.refused.value], y=[100 * m.avoided.value], name=name, mode="markers",
            marker_size=10, error_x=_bars(m.refused), error_y=_bars(m.avoided),
        )  # fmt: skip
    return figure.update_layout(
        title="Losses avoided against sales refused",
        xaxis_title="sales refused, %",
        yaxis_title="losses avoided, %",
    )


def _percent(interval: Interval, signed: bool = False) -> str:
    sign = "+" if signed else ""
    places = 2 if abs(interval.value) < 0.1 else 1
    value, low, high = (f"{100 * part:{sign}.{places}f}" for part in interval)
    return f"{value} [{low}, {high}]"


def _bars(interval: Interval) -> dict[str, object]:
    value, low, high = (100 * part for part in interval)
    return {"array": [high - value], "arrayminus": [value - low]}


def _rich(title: str, frame: pd.DataFrame) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for heading in frame.columns:
        table.add_column(str(heading), justify="right")
    for rule, row in frame.iterrows():
        table.add_row(str(rule), *(v if isinstance(v, str) else f"{v:,.0f}" for v in row))
    return table


def _notes(past: History, policy: Policy, ours: Measured) -> tuple[str, ...]:
    days = np.unique(past.as_of).astype("datetime64[D]")
    carried = past.sales.sum() / past.need.sum()
    pays = ours.avoided_per_refused
    notes = [
        f"{len(past):,} rows of {len(np.unique(past.buyer)):,} buyers on {len(days)} days from "
        f"{days[0]} to {days[-1]}, {int(past.default.sum()):,} of them defaults within the "
        f"horizon ({past.default.mean():.2%}); amounts are sums over the rows, intervals by "
        "drawing buyers again",
        past.assumption,
        "each limit stands for the whole horizon; a limit below the need refuses its share of the "
        f"sales. supplier: losses avoided less {policy.sales_margin:.0%} margin on the sales "
        f"refused; insurer: {policy.cover.insured_share:.0%} of the losses less a premium of "
        f"{USUAL_PREMIUM[1]:.0%} of them; both against granting the need in full",
        f"a unit of need carried {carried:.1f} of sales a year: refusing pays a supplier only "
        f"where its margin on the refused sales is below {pays.value:.1%} (95 %: {pays.low:.1%} to "
        f"{pays.high:.1%}), and an insurer where its premium is below "
        f"{policy.cover.insured_share * pays.value:.1%} of them",
    ]
    if past.currency != policy.currency:
        notes.append(f"the policy's amounts, in {policy.currency}, are taken for {past.currency}")
    return tuple(notes)
