"""5 Discrimination: how well defaults are told apart, in each slice and beside challengers."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_curve

from training.statistics.discrimination import (
    auc,
    auc_difference,
    auc_difference_interval,
    auc_interval,
    bootstrap_interval,
    kolmogorov_smirnov,
)
from training.validation import thresholds
from training.validation.case import Case
from training.validation.challengers import scores
from training.validation.check import Check, Section, at_least, holds, not_judged, shown

DRAWS = 200
REFERRED = 0.05  # share of buyers that people can look at
POINTS = 200  # of a curve


def section(case: Case) -> Section:
    """AUC and its kin with intervals by slice; every challenger on the same rows."""
    test, rivals = case.test, scores(case)
    table, beside = _by_slice(case), _beside(case, rivals)
    low = auc_interval(test.default, test.probability)
    checks = [
        at_least(
            "AUC out of time",
            low.low,
            *thresholds.AUC_LOW,
            value=f"{shown(low)}, judged by its lower bound; {test.population}",
        )
    ]
    for name in ("logistic on WoE", "Altman Z''", "Conan-Holder"):
        checks.append(_beats(case, name, rivals[name]))
    checks.append(_against_champion(case, rivals))
    caught, precision = _at_capacity(test.default, test.probability)
    return Section(
        "Discrimination and challengers",
        tuple(checks),
        (
            "Share of defaults caught as more buyers are flagged; the steeper at the left, the "
            "fewer sound buyers are troubled. The diagonal is chance.",
            _curves(case, rivals),
            f"With the riskiest {REFERRED:.0%} of buyers looked at, {caught:.0%} of the defaults "
            f"are among them, and {precision:.0%} of those looked at default (base rate "
            f"{test.default.mean():.2%}).",
            f"By slice; intervals 95 %, by DeLong and by drawing buyers again ({DRAWS} draws). "
            f"{_learned_from(case)} learned by heart in part: only the test counts.",
            table,
            "Each challenger on the rows where it has a score; the difference is ours less theirs, "
            "with DeLong's paired interval.",
            beside,
        ),
    )


def _learned_from(case: Case) -> str:
    refit = case.config.fit.refit
    return "The training and calibration slices are" if refit else "The training slice is"


def _by_slice(case: Case) -> pd.DataFrame:
    rows = {}
    for name, members in case.sample.slices.items():
        default, p = case.sample.default[members], case.probability[members]
        if default.sum() < 2:
            continue
        area = auc_interval(default, p)
        draws = bootstrap_interval(
            auc, case.sample.keys.buyer[members], default, p, draws=DRAWS if name == "test" else 20
        )
        rows[name] = {
            "rows": len(p),
            "defaults": int(default.sum()),
            "base rate": f"{default.mean():.2%}",
            "AUC, DeLong": shown(area),
            "AUC, buyers drawn": shown(draws) if name == "test" else "",
            "Gini": 2 * area.value - 1,
            "KS": kolmogorov_smirnov(default, p),
            "average precision": float(average_precision_score(default, p)),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("slice")


def _beside(case: Case, rivals: dict[str, NDArray]) -> pd.DataFrame:
    test, rows = case.test, {}
    for name, score in rivals.items():
        known = ~np.isnan(score)
        default = test.default[known]
        if min(default.sum(), (~default).sum()) < 2:
            continue
        ours = test.probability[known]
        difference = auc_difference_interval(default, ours, score[known])
        rows[name] = {
            "scored": f"{known.mean():.0%}",
            "defaults": int(default.sum()),
            "AUC": shown(auc_interval(default, score[known])),
            "ours, same rows": shown(auc_interval(default, ours)),
            "difference": shown(difference, 4),
            "p-value": auc_difference(default, ours, score[known])[1].p_value,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("challenger")


def _beats(case: Case, name: str, score: NDArray) -> Check:
    """Ours against a simpler model: its complexity must be worth something."""
    known = ~np.isnan(score)
    default = case.test.default[known]
    if min(default.sum(), (~default).sum()) < 2:
        return not_judged(f"better than {name}", "it scores too few buyers here")
    difference = auc_difference_interval(default, case.test.probability[known], score[known])
    verdict = "FAIL" if difference.high < 0 else "WARN"
    return holds(
        f"better than {name}",
        difference.low > 0,
        f"AUC {shown(difference, 4, '+')} on {known.sum():,} rows, {int(default.sum())} defaults",
        "interval above 0 (FAIL where below)",
        verdict,  # type: ignore[arg-type]
    )


def _against_champion(case: Case, rivals: dict[str, NDArray]) -> Check:
    if case.champion is None:
        return not_judged(
            "no worse than the champion", "no champion that did not learn from this test slice"
        )
    name, _ = case.champion
    test, score = case.test, rivals[name]
    difference, found = auc_difference(test.default, test.probability, score)
    one_sided = found.p_value / 2 if difference < 0 else 1 - found.p_value / 2
    return at_least(
        "no worse than the champion",
        one_sided,
        2 * thresholds.P_VALUE[0],
        thresholds.P_VALUE[0],
        value=f"AUC {difference:+.4f} against {name}; p of a drop {one_sided:.3f} (DeLong, paired)",
    )


def _at_capacity(default: NDArray, p: NDArray) -> tuple[float, float]:
    """Share of the defaults among the riskiest, and of defaults in them."""
    looked_at = np.argsort(-p, kind="stable")[: max(1, round(REFERRED * len(p)))]
    hits = default[looked_at].sum()
    return float(hits / default.sum()), float(hits / len(looked_at))


def _curves(case: Case, rivals: dict[str, NDArray]) -> go.Figure:
    figure = go.Figure()
    for name, score in {"model": case.test.probability, **rivals}.items():
        known = ~np.isnan(score)
        default = case.test.default[known]
        if min(default.sum(), (~default).sum()) < 2:
            continue
        flagged, caught, _ = roc_curve(default, score[known])
        grid = np.linspace(0, 1, POINTS) ** 2  # denser where it matters
        figure.add_scatter(
            x=grid, y=np.interp(grid, flagged, caught),
            name=f"{name} ({auc(default, score[known]):.3f})",
            line_width=3 if name == "model" else 1.5,
        )  # fmt: skip
    figure.add_scatter(x=[0, 1], y=[0, 1], name="chance", line={"dash": "dot", "color": "#9aa4b0"})
    return figure.update_layout(
        title="ROC, test slice (AUC)",
        xaxis={"title": "share of sound buyers flagged", "tickformat": ".0%"},
        yaxis={"title": "share of defaults caught", "tickformat": ".0%"},
    )
