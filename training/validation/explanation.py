"""13 Explanation: drivers that add up, point the right way, and outlive a re-training."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from scipy.stats import spearmanr

from features.feature import TOPICS
from models.explanation import topic_sums
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Check, Section, at_least, at_most
from training.validation.refits import BUYERS, Change

Floats = NDArray[np.float64]

ROWS = 1500  # of the riskiest test rows: those who are told reasons
TOP = 3
SHOWN = 15
NOISE = 0.1  # rank correlation that says nothing
REDRAWN = tuple(Change(buyers_drawn=seed) for seed in range(1, BUYERS + 1))


def section(case: Case) -> Section:
    """Additivity, strongest drivers and topics, sign agreement, stability of the reasons."""
    test, model = case.test, case.model
    contributions = test.assessment.contributions
    strength = pd.Series(np.abs(contributions).mean(axis=0), list(model.feature_names))
    strength = strength.sort_values(ascending=False)
    topics = topic_sums(model.topics, contributions)
    by_topic = pd.Series({TOPICS[t][0]: np.abs(v).mean() for t, v in topics.items()})
    agreement = reason_agreement(case)
    checks = (
        _additive(case),
        _groups(case, topics),
        _signs(case),
        at_least(
            "reasons after re-training",
            float(agreement["topics"].mean()),
            *thresholds.REASONS,
            value=f"{agreement['topics'].mean():.0%} of the top {TOP} topics and "
            f"{agreement['drivers'].mean():.0%} of the top {TOP} drivers are kept; {BUYERS} refits "
            f"on buyers drawn again, the {len(_riskiest(case)):,} riskiest rows",
        ),
    )
    bars = by_topic.sort_values()
    figure = go.Figure(go.Bar(x=bars.to_numpy(), y=bars.index, orientation="h"))
    figure.update_layout(
        title="What moves the probability, by topic",
        height=420,
        xaxis_title="mean |contribution|, log-odds",
        yaxis={"automargin": True},
    )
    return Section(
        "Explanation",
        checks,
        (
            "Mean size of each topic's contribution over the test slice: what the model mostly "
            "talks about.",
            figure,
            f"The {SHOWN} strongest drivers, in log-odds:",
            strength.head(SHOWN).rename("mean |contribution|").rename_axis("driver").to_frame(),
            "Agreement of the reasons by refit: share of a buyer's top three that the refit on "
            "other buyers gives too, in any order.",
            agreement,
        ),
    )


def _additive(case: Case) -> Check:
    """Base and drivers against LightGBM's own score, with our calibration, over the whole slice."""
    model, test = case.model.default_model, case.test
    raw = np.asarray(case.booster.predict(case.inputs(test.rows), raw_score=True, num_threads=2))
    gap = np.abs(test.assessment.log_odds - (model.intercept + model.slope * raw)).max()
    return at_most(
        "drivers add up",
        float(gap),
        *thresholds.ADDITIVITY,
        value=f"at most {gap:.1e} log-odds from LightGBM's score, {len(test):,} rows",
    )


def _groups(case: Case, topics: dict[str, Floats]) -> Check:
    test = case.test
    total = test.assessment.base_log_odds + sum(topics.values())
    gap = np.abs(total - test.assessment.log_odds).max()
    return at_most(
        "topics add up",
        float(gap),
        *thresholds.ADDITIVITY,
        value=f"at most {gap:.1e} log-odds, {len(topics)} topics",
    )


def _signs(case: Case) -> Check:
    """Do drivers point where the analysts of the catalogue say? By rank correlation."""
    inputs, contributions = case.inputs(case.test.rows), case.test.assessment.contributions
    against, asked = [], 0
    for i, feature in enumerate(case.model.features):
        known = ~np.isnan(inputs[:, i])
        values, drivers = inputs[known, i], contributions[known, i]
        if not feature.monotone or len(np.unique(values)) < 2 or len(np.unique(drivers)) < 2:
            continue
        asked += 1
        if feature.monotone * float(spearmanr(values, drivers).statistic) < -NOISE:
            against.append(feature.name)
    return at_least(
        "agreement with analysts",
        1 - len(against) / max(asked, 1),
        *thresholds.SIGNS,
        value=f"{asked - len(against)} of {asked} drivers follow the catalogue's sign; against: "
        f"{', '.join(against[:5]) or 'none'}",
    )


def reason_agreement(case: Case) -> pd.DataFrame:
    """Share of the top three topics and drivers of the riskiest rows that each refit keeps."""
    case.refits.make([Change(), *REDRAWN])
    rows = _riskiest(case)
    names = tuple(feature.topic for feature in case.sample.features)
    topics, drivers = _raised(case, rows, Change(), names)
    found = {}
    for number, change in enumerate(REDRAWN, start=1):
        other_topics, other_drivers = _raised(case, rows, change, names)
        found[number] = {
            "topics": overlap(topics, other_topics).mean(),
            "drivers": overlap(drivers, other_drivers).mean(),
        }
    return pd.DataFrame.from_dict(found, orient="index").rename_axis("refit")


def _riskiest(case: Case) -> NDArray[np.int64]:
    order = np.argsort(-case.test.probability, kind="stable")
    return case.test.rows[order[:ROWS]]


def _raised(
    case: Case, rows: NDArray, change: Change, topics: tuple[str, ...]
) -> tuple[Floats, Floats]:
    """Topic sums (n, topics) and contributions (n, features) of a refit."""
    answers = case.refits.booster(change).predict(
        case.sample.matrix[rows], pred_contrib=True, num_threads=2
    )
    contributions = np.asarray(answers)[:, :-1]
    return np.column_stack(list(topic_sums(topics, contributions).values())), contributions


def overlap(one: Floats, other: Floats) -> Floats:
    """Share of the three largest columns of each row of `one` that are among those of `other`.

    >>> overlap(np.array([[4.0, 3.0, 2.0, 1.0]]), np.array([[4.0, 3.0, 1.0, 2.0]])).round(2)
    array([0.67])
    """
    top = [np.argsort(-matrix, axis=1, kind="stable")[:, :TOP] for matrix in (one, other)]
    return (top[0][:, :, None] == top[1][:, None, :]).any(axis=2).mean(axis=1)
