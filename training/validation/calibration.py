"""7 Calibration: do the probabilities come true, as a whole and grade by grade?"""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from models.limits.loss import asset_correlation
from models.statistics.jeffreys import Interval, jeffreys, jeffreys_interval
from training.plots import calibration_figure
from training.statistics.calibration import (
    binomial_p_value,
    brier_parts,
    brier_skill,
    calibration_error,
    calibration_line,
    holm,
    hosmer_lemeshow,
    spiegelhalter,
)
from training.statistics.discrimination import bootstrap_interval
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, Section, Verdict, at_least, holds, shown

DRAWS = 100
LIGHTS: tuple[tuple[float, str], ...] = ((0.01, "red"), (0.05, "yellow"), (1.0, "green"))


def section(case: Case) -> Section:
    """Level, spread and grades, tested on rows whose horizons do not overlap."""
    test = case.test
    default, p = test.default[test.once], test.probability[test.once]
    grades = grade_table(case)
    slope, intercept = _line(case)
    checks = (
        *_level(default, p, asked=case.model.metadata.get("central_tendency")),
        _grades(grades, asked=case.model.metadata.get("central_tendency")),
        _slope(slope, intercept),
        _skill(default, p),
    )
    return Section(
        "Calibration",
        checks,
        (
            "Each mark is a tenth of the buyers: what was predicted against what came, with "
            "Jeffreys' 95 % interval. On the dotted line the probability is right; below it the "
            "model is too careful, above it too bold.",
            calibration_figure(default, p),
            "By grade: the probability served, and the default rate with its interval. The test "
            f"is of {len(p):,} rows, one a buyer and horizon, {int(default.sum())} defaults.",
            _by_grade(grades),
            grades,
            "Jeffreys: p of the rate being no higher (too low) or no lower (too high) than the "
            "probability; Holm adjusts for many grades. Binomial: P(this many defaults or more) if "
            "defaults were independent; Vasicek: the same when they come together (Basel's asset "
            "correlation), which the traffic light goes by: red below 1 %, yellow below 5 %.",
            _tests(case, default, p, slope, intercept),
        ),
    )


def grade_table(case: Case) -> pd.DataFrame:
    """One row a performing grade with buyers: counts, rates, and every test."""
    test, scale = case.test, case.model.policy.master_scale
    default, p = test.default[test.once], test.probability[test.once]
    grade = scale.grades(p)
    rows = {}
    for g in np.unique(grade):
        members = grade == g
        n, d, mean = int(members.sum()), int(default[members].sum()), float(p[members].mean())
        rate, tails = jeffreys_interval(n, d), jeffreys(n, d, mean)
        correlation = float(asset_correlation(np.array([mean]))[0])
        vasicek = binomial_p_value(n, d, mean, correlation)
        rows[scale.names[g]] = {
            "n": n,
            "defaults": d,
            "probability": mean,
            "scale's": float(scale.default_probabilities[g]),
            "rate": rate.value,
            "low": rate.low,
            "high": rate.high,
            "too low, p": float(tails.too_low),
            "too high, p": float(tails.too_high),
            "binomial p": binomial_p_value(n, d, mean),
            "Vasicek p": vasicek,
            "light": next(colour for bound, colour in LIGHTS if vasicek <= bound + 1e-9),
        }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("grade")
    for tail in ("too low", "too high"):
        table.insert(
            table.columns.get_loc("binomial p"), f"{tail}, Holm", holm(table[f"{tail}, p"])
        )
    return table


def _level(default: np.ndarray, p: np.ndarray, asked: float | None) -> tuple[Check, Check]:
    """Portfolio level in both tails: too low is a loss to come, too high is business lost.

    A level that was `asked` for (central tendency) is the committee's: it warns, it does not fail.
    """
    n, d, mean = len(p), int(default.sum()), float(p.mean())
    tails = jeffreys(n, d, mean)
    said = f"mean probability {mean:.2%}, default rate {d / n:.2%} ({d} of {n:,} rows)"
    correlation = float(asset_correlation(np.array([mean]))[0])
    good_year = 1 - binomial_p_value(n, d + 1, mean, correlation)
    verdict: Verdict = "FAIL" if good_year < thresholds.P_VALUE[1] else "WARN"
    if asked is not None:
        verdict, said = "WARN", f"{said}; a central tendency of {asked:.2%} was asked for"
    warn, fail = thresholds.P_VALUE
    return (
        at_least(
            "level not too low",
            float(tails.too_low),
            warn,
            fail if asked is None else None,
            value=f"{said}; Jeffreys' p {float(tails.too_low):.3g}",
        ),
        holds(
            "level not too high",
            float(tails.too_high) >= thresholds.P_VALUE[0],
            f"{said}; Jeffreys' p {float(tails.too_high):.3g}; with Basel's correlation a year "
            f"this good has p {good_year:.2g}",
            f"p ≥ {thresholds.P_VALUE[0]} (FAIL where a good year could not explain it: p with "
            f"correlation < {thresholds.P_VALUE[1]})",
            verdict,
        ),
    )


def _grades(table: pd.DataFrame, asked: float | None) -> Check:
    low = table.index[table["too low, Holm"] < thresholds.P_VALUE[1]].tolist()
    high = table.index[table["too high, Holm"] < thresholds.P_VALUE[1]].tolist()
    warn, fail = thresholds.GRADES_TOO_LOW
    verdict: Verdict = "FAIL" if len(low) >= fail and asked is None else "WARN"
    return holds(
        "level of each grade",
        len(low) < warn,
        f"too low: {', '.join(low) or 'none'}; too high: {', '.join(high) or 'none'} "
        f"(of {len(table)} grades)",
        f"too low at p < {thresholds.P_VALUE[1]} (Holm) in no grade (FAIL from {fail} on)",
        verdict,
    )


def _line(case: Case) -> tuple[Interval, Interval]:
    """Slope and intercept with intervals by drawing buyers."""
    test = case.test
    columns = (test.keys.buyer, test.default, test.probability)
    return (
        bootstrap_interval(lambda y, p: calibration_line(y, p).slope, *columns, draws=DRAWS),
        bootstrap_interval(lambda y, p: calibration_line(y, p).intercept, *columns, draws=DRAWS),
    )


def _slope(slope: Interval, intercept: Interval) -> Check:
    (low, high), (least, most) = thresholds.SLOPES
    verdict: Verdict = "WARN" if least <= slope.value <= most else "FAIL"
    return holds(
        "slope",
        low <= slope.value <= high,
        f"slope {shown(slope, 2)}, intercept {shown(intercept, 2)}",
        f"{low} to {high} (FAIL outside {least} to {most})",
        verdict,
    )


def _skill(default: np.ndarray, p: np.ndarray) -> Check:
    skill = brier_skill(default, p)
    return at_least(
        "Brier skill", skill, 0.0, 0.0, value=f"{skill:.3f} of the base rate's score is removed"
    )


def _tests(
    case: Case, default: np.ndarray, p: np.ndarray, slope: Interval, intercept: Interval
) -> pd.DataFrame:
    parts, fit, z = brier_parts(default, p), hosmer_lemeshow(default, p), spiegelhalter(default, p)
    return pd.DataFrame(
        {
            "value": {
                "calibration slope": shown(slope),
                "calibration intercept": shown(intercept),
                "Brier score": f"{np.mean((default - p) ** 2):.5f}",
                "Brier skill over the base rate": f"{brier_skill(default, p):.4f}",
                "reliability (less is better)": f"{parts.reliability:.6f}",
                "resolution (more is better)": f"{parts.resolution:.6f}",
                "uncertainty (of the population)": f"{parts.uncertainty:.6f}",
                "expected calibration error": f"{calibration_error(default, p):.5f}",
                "Hosmer-Lemeshow, 10 groups": f"{fit.statistic:.1f}, p {fit.p_value:.3g}",
                "Spiegelhalter's z": f"{z.statistic:.2f}, p {z.p_value:.3g}",
                "central tendency asked for": str(case.model.metadata.get("central_tendency")),
            }
        }
    ).rename_axis("statistic")


def _by_grade(table: pd.DataFrame) -> go.Figure:
    grades, above = [f"grade {g}" for g in table.index], table["high"] - table["rate"]
    figure = go.Figure(go.Bar(x=grades, y=table["probability"], name="probability", opacity=0.45))
    figure.add_scatter(
        x=grades, y=table["rate"].where(table["rate"] > 0), mode="markers", name="default rate",
        marker_size=10, error_y={"array": above, "arrayminus": table["rate"] - table["low"]},
        text=[f"{d} of {n:,}" for d, n in zip(table["defaults"], table["n"], strict=True)],
    )  # fmt: skip
    return figure.update_layout(
        title="Probability and default rate by grade",
        yaxis={"type": "log", "title": "per year", "tickformat": ".2%"},
    )
