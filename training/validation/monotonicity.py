"""12 Monotonicity: every signed feature swept over real buyers; all shapes; and the cost."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from training.statistics.discrimination import auc_difference_interval
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, Section, at_most, holds, shown
from training.validation.refits import Change

Floats = NDArray[np.float64]

BUYERS = 60
POINTS = 15
SHOWN = 6
SIGNS = {1: "rises", -1: "falls", 0: "free"}
UNCONSTRAINED = Change(monotone=False)


def section(case: Case) -> Section:
    """Sweeps, partial dependence with its sign, and what the constraints cost."""
    swept = sweeps(case)
    table = _table(case, swept)
    broken = table[table["violations"] > 0]
    signed = int((table["catalogue"] != SIGNS[0]).sum())
    checks = (
        holds(
            "sweeps",
            broken.empty,
            f"{int(table['violations'].sum())} violations in {signed} signed features × {BUYERS} "
            f"buyers × {POINTS} values: {', '.join(broken.index[:5]) or 'none'}",
            f"0 (more than {thresholds.MONOTONE:g} log-odds)",
        ),
        _cost(case),
    )
    strongest = table.sort_values("swing", ascending=False)
    return Section(
        "Monotonicity and shapes",
        checks,
        (
            f"Mean log-odds as one feature is moved over its training quantiles, for {BUYERS} "
            "buyers of the test slice (partial dependence), the strongest first. Where the "
            "catalogue gives a sign, no single buyer's line may turn.",
            _shapes(swept, list(strongest.index[:SHOWN])),
            "Sign table: what the catalogue asks and what the model does, from the 10th to the "
            "90th percentile; the swing is in log-odds.",
            strongest.head(30),
        ),
    )


def sweeps(case: Case) -> dict[str, tuple[Floats, Floats]]:
    """For each feature that trees use: its values (points,) and the log-odds (buyers, points)."""
    test = case.test
    riskiest = np.argsort(-test.probability, kind="stable")
    some = riskiest[:: max(1, len(test) // BUYERS)][:BUYERS]  # from the riskiest to the safest
    inputs = case.inputs(test.rows[some])
    train = case.inputs(np.flatnonzero(case.sample.slices.train)[::7])
    found = {}
    for i, name in enumerate(case.model.feature_names):
        known = train[~np.isnan(train[:, i]), i]
        values = np.unique(np.quantile(known, np.linspace(0, 1, POINTS))) if len(known) else known
        if len(values) < 2 or name not in case.used_features:
            continue
        grid = np.repeat(inputs, len(values), axis=0)
        grid[:, i] = np.tile(values, len(inputs))
        log_odds = case.model.default_model.log_odds(grid)
        found[name] = values, log_odds.reshape(len(inputs), len(values))
    return found


def violations(log_odds: Floats, sign: int) -> int:
    """Steps along the last axis that run against `sign` by more than rounding.

    >>> violations(np.array([[0.0, 1.0, 0.5]]), 1)
    1
    """
    return int((sign * np.diff(log_odds, axis=-1) < -thresholds.MONOTONE).sum())


def _table(case: Case, swept: dict[str, tuple[Floats, Floats]]) -> pd.DataFrame:
    signs = {feature.name: feature.monotone for feature in case.model.features}
    rows = {}
    for name, (values, log_odds) in swept.items():
        mean = log_odds.mean(axis=0)
        low, high = np.interp(np.quantile(values, [0.1, 0.9]), values, mean)
        moved = high - low
        rows[name] = {
            "catalogue": SIGNS[signs[name]],
            "model": "rises" if moved > 0 else "falls" if moved < 0 else "flat",
            "swing": float(mean.max() - mean.min()),
            "violations": violations(log_odds, signs[name]) if signs[name] else 0,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("feature")


def _cost(case: Case) -> Check:
    test = case.test
    case.refits.make([Change(), UNCONSTRAINED])
    free, bound = (case.refits.test(change) for change in (UNCONSTRAINED, Change()))
    cost = auc_difference_interval(test.default, free, bound)
    return at_most(
        "cost of monotonicity",
        cost.low,  # lost for certain
        0.005,
        0.02,
        value=f"AUC {shown(cost, 4, '+')} without constraints "
        f"(refits, DeLong, paired; {test.population})",
    )


def _shapes(swept: dict[str, tuple[Floats, Floats]], names: list[str]) -> go.Figure:
    figure = go.Figure()
    for name in names:
        values, log_odds = swept[name]
        place = np.linspace(0, 1, len(values))
        figure.add_scatter(
            x=place, y=log_odds.mean(axis=0), name=name, mode="lines+markers",
            text=[f"{name} = {value:.4g}" for value in values],
        )  # fmt: skip
    return figure.update_layout(
        title="Partial dependence of the strongest features",
        xaxis={"title": "training quantile of the feature", "tickformat": ".0%"},
        yaxis_title="mean log-odds",
    )
