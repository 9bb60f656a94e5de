"""Sizes: what more trees and leaves would bring, and cost at every decision.

A refit of each number of leaves; its first trees are the smaller boosters. Sizes are compared on
the calibration slice, later than what is learned from: the test slice chooses nothing.
"""

from time import perf_counter

import lightgbm as lgb
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from models.default_model import DefaultModel
from training.statistics.discrimination import auc, auc_difference_interval
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, at_most, not_judged, shown
from training.validation.refits import Change

LEAVES, TREES = (0.5, 1.0, 2.0), (0.25, 0.5, 1.0, 2.0)  # times those of the model
FEWEST = 10  # defaults in the calibration slice
TIMED = 100

MICROSECONDS, CALIBRATION, TEST = "µs a decision", "calibration AUC", "test AUC"


def of_model(case: Case) -> tuple[int, int]:
    """Leaves and trees of one bag of the model."""
    text, settings = case.model.default_model.booster_text, case.config.fit
    return settings.num_leaves, max(1, text.count("Tree=") // settings.bags)


def changes(case: Case) -> dict[int, Change]:
    """The refits, by their leaves."""
    leaves, trees = of_model(case)
    most = round(max(TREES) * trees)
    sizes = {max(2, round(share * leaves)) for share in LEAVES}
    return {size: Change(leaves=size, trees=most) for size in sorted(sizes)}


def curve(case: Case) -> pd.DataFrame:
    """One row a size: leaves, trees, AUC on both later slices, microseconds of one probability
    with its drivers."""
    _, trees = of_model(case)
    counts = sorted({max(1, round(share * trees)) for share in TREES})
    rows = []
    made = changes(case)
    case.refits.make(made.values())
    for leaves, change in made.items():
        booster = case.refits.booster(change)
        rows += [{"leaves": leaves, "trees": n, **measured(case, booster, n)} for n in counts]
    return pd.DataFrame(rows)


def measured(case: Case, booster: lgb.Booster, trees: int) -> dict[str, float]:
    """AUC and time of the first `trees` of a booster."""
    slices, sample = case.sample.slices, case.sample
    found = {}
    for name, rows in ((CALIBRATION, slices.calibrate), (TEST, slices.test)):
        told = booster.predict(sample.matrix[rows], raw_score=True, num_iteration=trees)
        known = 0 < sample.default[rows].sum() < rows.sum()
        found[name] = auc(sample.default[rows], np.asarray(told)) if known else np.nan
    return {**found, MICROSECONDS: microseconds(booster, trees, sample.matrix[slices.test][:1])}


def microseconds(booster: lgb.Booster, trees: int, row: np.ndarray) -> float:
    """Median time of one probability with its drivers."""
    model = DefaultModel.from_booster(
        lgb.Booster(model_str=booster.model_to_string(num_iteration=trees))
    )
    times = []
    for _ in range(TIMED):
        start = perf_counter()
        model.drivers(row)
        times.append(perf_counter() - start)
    return 1e6 * float(np.median(times))


def check(case: Case, frame: pd.DataFrame) -> Check:
    """No size on the curve ranks the calibration slice better by more than is worth its time."""
    name, rows = "no better size", case.sample.slices.calibrate
    default = case.sample.default[rows]
    if min(default.sum(), (~default).sum()) < FEWEST:
        return not_judged(name, f"{int(default.sum())} defaults in the calibration slice")
    leaves, trees = of_model(case)
    best = frame.loc[frame[CALIBRATION].idxmax()]

    def told(size: int, count: int) -> np.ndarray:
        booster = case.refits.booster(changes(case)[size])
        answer = booster.predict(case.sample.matrix[rows], raw_score=True, num_iteration=count)
        return np.asarray(answer)

    gain = auc_difference_interval(
        default, told(int(best["leaves"]), int(best["trees"])), told(max(2, leaves), trees)
    )
    return at_most(
        name,
        gain.value,
        thresholds.SIZE,
        value=f"best: {best['trees']:.0f} trees of {best['leaves']:.0f} leaves, AUC "
        f"{shown(gain, 4, '+')} against {trees} of {leaves}",
    )


def figure(frame: pd.DataFrame, chosen: tuple[int, int]) -> go.Figure:
    """A line for each number of leaves, a point for each number of trees, a ring on the chosen."""
    drawn = go.Figure()
    for leaves, points in frame.groupby("leaves"):
        drawn.add_scatter(
            x=points[MICROSECONDS],
            y=points[CALIBRATION],
            name=f"{leaves} leaves",
            text=[f"{n} trees" for n in points["trees"]],
            mode="lines+markers",
        )
    ring = frame[(frame["leaves"] == chosen[0]) & (frame["trees"] == chosen[1])]
    drawn.add_scatter(
        x=ring[MICROSECONDS],
        y=ring[CALIBRATION],
        name="chosen",
        mode="markers",
        marker={"size": 18, "symbol": "circle-open", "color": "black", "line": {"width": 3}},
    )
    return drawn.update_layout(
        title="Later AUC against the time of one decision",
        xaxis={"title": "µs a decision (probability and drivers)", "type": "log"},
        yaxis_title="AUC on the calibration slice",
    )
