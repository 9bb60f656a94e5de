"""9 Stability: has the population moved since training, and do grades wander?"""

from dataclasses import replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray

from features.facts import Keys
from models.statistics.stability import (
    bin_counts,
    matrix_weighted_bandwidth,
    migration_matrix,
    psi,
    psi_bound,
)
from training.validation import thresholds
from training.validation.case import Case, once
from training.validation.check import Check, Section, Verdict, holds, not_judged

BINS = 10
SHOWN = 15  # features
YEAR, ABOUT = 365, 45  # days between two gradings, give or take


def section(case: Case) -> Section:
    """PSI of the score and of every feature against what chance gives; migration in a year."""
    before, now = _rows(case, case.sample.slices.train), case.test.rows[case.test.once]
    unseen = _rows(case, case.sample.slices.calibrate)  # the trees learned the training rows
    score = _psi(case.probability[unseen if len(unseen) else before], case.probability[now])
    features = _features(case, before, now)
    worst = features[features["PSI"] > thresholds.PSI[1]]
    moved = _migration(case)
    checks = [
        _shift("score", score),
        holds(
            "features",
            worst.empty,
            f"{len(worst)} of {len(features)} beyond: {', '.join(worst.index[:5]) or 'none'}",
            f"PSI ≤ {thresholds.PSI[1]} or within chance",
            "WARN",
        ),
    ]
    parts: list = [
        f"PSI compares one row a buyer and horizon in training ({len(before):,}; the score: in "
        f"the calibration slice, {len(unseen):,}) and in the test ({len(now):,}), in {BINS} bins "
        "frozen on the first. Without any shift it stays below the bound (95 %, chi-squared): only "
        "above both bound and threshold has something moved.",
        _psi_figure(features.head(SHOWN)),
        features.head(SHOWN),
    ]
    if len(unseen):
        drivers = _moved(case)
        parts += [
            "What moved the level since calibration: mean contribution of each driver, log-odds; "
            f"in all {drivers['shift'].sum():+.2f}.",
            drivers.head(SHOWN),
        ]
    if moved is None:
        checks.append(not_judged("migration", "no two days a year apart in the slices"))
    else:
        matrix, worse, better, days = moved
        checks.append(
            holds(
                "migration",
                max(worse, better) <= 0.25,
                f"weighted bandwidth {worse:.3f} to worse, {better:.3f} to better grades; "
                f"{matrix.sum():,} buyers, {days}",
                "≤ 0.25 either way",
                "WARN",
            )
        )
        parts += [
            "Where the buyers of each grade (row) were a year later (column); a good scale keeps "
            "most on or beside the diagonal.",
            _migration_figure(case, matrix, days),
        ]
    return Section("Stability", tuple(checks), tuple(parts))


def _rows(case: Case, members: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Rows of a slice whose horizons do not overlap."""
    rows, keys = np.flatnonzero(members), case.sample.keys
    apart = once(Keys(keys.buyer[rows], keys.as_of[rows]), case.config.label.horizon_days)
    return rows[apart]


def _moved(case: Case) -> pd.DataFrame:
    """Mean contribution of each driver in the calibration and the test slice, log-odds."""
    later = np.flatnonzero(case.sample.slices.calibrate)[::5]
    _, drivers = case.model.default_model.drivers(case.inputs(later))
    frame = pd.DataFrame(
        {
            "calibration": drivers.mean(axis=0),
            "test": case.test.assessment.contributions.mean(axis=0),
        },
        index=pd.Index(case.model.feature_names, name="driver"),
    )
    frame["shift"] = frame["test"] - frame["calibration"]
    return frame.reindex(frame["shift"].abs().sort_values(ascending=False).index)


def _psi(reference: NDArray, current: NDArray) -> tuple[float, float]:
    """PSI and its bound without a shift; bounds count rows, each of its own buyer."""
    counts = bin_counts(reference, current, BINS)
    if len(counts[0]) < 2:
        return 0.0, 0.0
    return psi(*counts), psi_bound(len(counts[0]), len(reference), len(current))


def _shift(name: str, found: tuple[float, float]) -> Check:
    value, bound = found
    warn, fail = thresholds.PSI
    verdict: Verdict = "FAIL" if value > fail else "WARN"
    check = holds(
        name,
        value <= warn or value <= bound,
        f"PSI {value:.4f}; without a shift below {bound:.4f}",
        f"≤ {warn} or within chance (FAIL above {fail})",
        verdict,
    )
    return replace(check, number=value)


def _features(case: Case, before: NDArray, now: NDArray) -> pd.DataFrame:
    then, later = case.inputs(before), case.inputs(now)
    found = [_psi(then[:, i], later[:, i]) for i in range(then.shape[1])]
    frame = pd.DataFrame(found, list(case.model.feature_names), ["PSI", "bound"])
    frame["missing before"] = np.isnan(then).mean(axis=0)
    frame["missing now"] = np.isnan(later).mean(axis=0)
    return frame.rename_axis("feature").sort_values("PSI", ascending=False)


def _migration(case: Case) -> tuple[NDArray[np.int64], float, float, str] | None:
    """Grades of the same buyers on a test day and about a year before."""
    keys = case.sample.keys
    days, tested = np.unique(keys.as_of), np.unique(keys.as_of[case.sample.slices.test])
    off = np.abs(tested[:, None] - days[None, :] - YEAR)
    if off.min() > ABOUT:
        return None
    i, j = np.unravel_index(off.argmin(), off.shape)
    day, last = int(days[j]), int(tested[i])
    then, now = (np.flatnonzero(keys.as_of == d) for d in (day, last))
    _, i, j = np.intersect1d(keys.buyer[then], keys.buyer[now], return_indices=True)
    if not len(i):
        return None
    scale = case.model.policy.master_scale
    before, after = (scale.grades(case.probability[rows]) for rows in (then[i], now[j]))
    matrix = migration_matrix(before, after, scale.default_grade)
    dates = " to ".join(str(np.datetime64(d, "D")) for d in (day, last))
    return matrix, *matrix_weighted_bandwidth(matrix), dates


def _psi_figure(features: pd.DataFrame) -> go.Figure:
    figure = go.Figure(go.Bar(x=features["PSI"], y=features.index, orientation="h", name="PSI"))
    for threshold in thresholds.PSI:
        figure.add_vline(x=threshold, line_dash="dot")
    return figure.update_layout(
        title="Features that moved most, training to test",
        height=160 + 24 * len(features),
        xaxis_title="PSI",
        yaxis={"autorange": "reversed", "automargin": True},
    )


def _migration_figure(case: Case, matrix: NDArray, days: str) -> go.Figure:
    names = [f"{name}" for name in case.model.policy.master_scale.names[: len(matrix)]]
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    heatmap = go.Heatmap(
        z=shares, x=names, y=names, customdata=matrix, colorscale="Blues", zmin=0, zmax=1,
        texttemplate="%{z:.0%}", hovertemplate="%{y} → %{x}: %{customdata} buyers<extra></extra>",
        showscale=False,
    )  # fmt: skip
    return go.Figure(heatmap).update_layout(
        title=f"Migration, {days}",
        height=480,
        xaxis={"title": "grade a year later", "type": "category"},
        yaxis={"title": "grade", "type": "category", "autorange": "reversed"},
    )
