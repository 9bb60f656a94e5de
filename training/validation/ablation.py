"""18 Ablation: what each topic is worth, ESG included, by learning again without it."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from scipy.special import expit

from features.feature import TOPICS
from training.fit import calibrate
from training.statistics.calibration import brier_skill, holm
from training.statistics.discrimination import auc_difference, auc_difference_interval, auc_interval
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, Section, Verdict, holds, not_judged, shown
from training.validation.refits import Change


def section(case: Case) -> Section:
    """One refit a topic; AUC and Brier skill with and without, DeLong's paired intervals."""
    present = {feature.topic for feature in case.sample.features}
    topics = [topic for topic in TOPICS if topic in present]
    case.refits.make([Change(), *(Change(without_topic=topic) for topic in topics)])
    table = pd.DataFrame.from_dict(
        {TOPICS[topic][0]: _row(case, topic) for topic in topics}, orient="index"
    )
    table["p"] = holm(table["p"])
    table = table.rename_axis("topic").sort_values("gain", ascending=False)
    return Section(
        "Ablation by topic",
        (
            _worth(table, TOPICS["payment_behaviour"][0], "payment behaviour"),
            _harmless(table),
            _worth(table, TOPICS["esg"][0], "ESG"),
        ),
        (
            "What is lost when a topic is left out and the others may stand in for it. An interval "
            "across the line says that this test cannot see a gain: the topic may still explain, "
            "but it does not rank better. " + case.test.population + ".",
            _figure(table),
            table.drop(columns=["gain", "low", "high"]).rename(columns={"p": "p (Holm)"}),
        ),
    )


def _figure(table: pd.DataFrame) -> go.Figure:
    bars = {"array": table["high"] - table["gain"], "arrayminus": table["gain"] - table["low"]}
    mark = go.Scatter(x=table["gain"], y=table.index, error_x=bars, mode="markers", marker_size=9)
    figure = go.Figure(mark).update_layout(
        title="AUC gained by each topic beside all others",
        height=460,
        xaxis_title="AUC with all topics less AUC without this one, 95 % interval",
        yaxis={"autorange": "reversed", "automargin": True},
    )
    return figure.add_vline(x=0, line_dash="dot")


def _row(case: Case, topic: str) -> dict[str, object]:
    test = case.test
    whole, without = (case.refits.test(c) for c in (Change(), Change(without_topic=topic)))
    gain = auc_difference_interval(test.default, whole, without)
    return {
        "features": sum(feature.topic == topic for feature in case.sample.features),
        "AUC without": shown(auc_interval(test.default, without)),
        "AUC gained": shown(gain, 4),
        "Brier skill without": _skill(case, Change(without_topic=topic)),
        "Brier skill with all": _skill(case, Change()),
        "gain": gain.value,
        "low": gain.low,
        "high": gain.high,
        "p": auc_difference(test.default, whole, without)[1].p_value,
    }


def _skill(case: Case, change: Change) -> float:
    """Brier skill of a refit on the test slice, its line fitted on the calibration slice."""
    later = np.flatnonzero(case.sample.slices.calibrate)
    line = calibrate(case.sample.default[later], case.refits.score(later, change))
    p = expit(line.intercept + line.slope * case.refits.test(change))
    return brier_skill(case.test.default, p)


def _worth(table: pd.DataFrame, label: str, name: str) -> Check:
    """A measured gain, or plainly none: either is an answer; a loss for certain is not."""
    if label not in table.index:
        return not_judged(f"{name} earns its place", "no feature of it varies in training")
    row = table.loc[label]
    verdict: Verdict = "WARN" if row["high"] < 0 else "PASS"
    said = "a gain" if row["low"] > 0 else "a loss" if row["high"] < 0 else "no gain to be seen"
    return Check(
        f"{name} earns its place",
        verdict,
        f"AUC gained {row['AUC gained']}: {said}",
        "no loss (interval not below 0)",
        float(row["gain"]),
    )


def _harmless(table: pd.DataFrame) -> Check:
    harmful = table.index[(table["p"] < thresholds.P_VALUE[0]) & (table["gain"] < 0)].tolist()
    return holds(
        "no topic harms",
        not harmful,
        f"harmful: {', '.join(harmful) or 'none'} of {len(table)} topics",
        f"no loss at p < {thresholds.P_VALUE[0]} (Holm)",
        "WARN",
    )
