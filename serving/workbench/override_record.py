"""Did people beat the model? Overrides whose year is over, set against what happened.

A person who raises a limit, or betters a grade, says that the model sees too much risk: right where
fewer default than the model predicted. One who cuts says that it sees too little: right where more
do. Too few cases decide nothing: Jeffreys' interval at 95 % must leave the prediction out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import sqlalchemy as sa

from features.facts import Keys
from models.credit_model import CreditModel
from models.statistics.jeffreys import jeffreys_interval
from serving.decide import Desk
from serving.declarations.overrides import KeptOverride, kept_override_of
from serving.portfolio import Portfolio
from serving.store.declarations import OVERRIDES

Direction = Literal["up", "down"]
Verdict = Literal["people", "model", "open"]


@dataclass(frozen=True)
class Outcomes:
    """Overrides in one direction. `judged` are those whose year is over; `predicted` is the model's
    mean default probability of them, `low` to `high` the interval of the `observed` rate.
    `gained` is what the overrides of limits saved or lost against the model's limits, at full use:
    loss given default times the difference, of those that defaulted, in the policy's currency."""

    direction: Direction
    count: int
    judged: int
    defaults: int
    predicted: float | None
    observed: float | None
    low: float | None
    high: float | None
    gained: float

    @property
    def verdict(self) -> Verdict:
        """Who was right, as far as these cases can tell."""
        if self.predicted is None or self.low is None or self.high is None:
            return "open"
        if self.high < self.predicted:
            return "people" if self.direction == "up" else "model"
        if self.low > self.predicted:
            return "model" if self.direction == "up" else "people"
        return "open"


def record(desk: Desk) -> list[Outcomes]:
    """Overrides upwards and downwards, with what became of them."""
    with desk.store.reading() as connection:
        rows = connection.execute(sa.select(OVERRIDES).order_by(OVERRIDES.c.sequence)).all()
    overrides = [kept_override_of(row) for row in rows]
    model, portfolio = desk.champion.now.model, desk.portfolio
    defaulted = _defaulted(model, portfolio, overrides)
    grades = model.policy.master_scale.names
    by_direction: dict[Direction, list[KeptOverride]] = {"up": [], "down": []}
    for one in overrides:
        if moved := direction_of(one, grades):
            by_direction[moved].append(one)
    lgd = model.policy.loss_given_default.default
    return [_outcomes(moved, some, defaulted, lgd) for moved, some in by_direction.items()]


def direction_of(override: KeptOverride, grades: Sequence[str]) -> Direction | None:
    """Whether a person saw less risk than the model ("up": more limit, a better grade), or more."""
    if override.limit is not None:
        change = override.limit - override.model_limit
    elif override.grade in grades and override.model_grade in grades:
        change = grades.index(override.model_grade) - grades.index(override.grade)
    else:
        return None
    return "up" if change > 0 else "down" if change < 0 else None


def _outcomes(
    direction: Direction,
    overrides: Sequence[KeptOverride],
    defaulted: Mapping[str, bool],
    lgd: float,
) -> Outcomes:
    judged = [one for one in overrides if one.override_id in defaulted]
    bad = [one for one in judged if defaulted[one.override_id]]
    interval = jeffreys_interval(len(judged), len(bad)) if judged else None
    probability = [one.model_default_probability for one in judged]
    return Outcomes(
        direction,
        len(overrides),
        len(judged),
        len(bad),
        float(np.mean(probability)) if judged else None,
        interval.value if interval else None,
        interval.low if interval else None,
        interval.high if interval else None,
        sum(lgd * (one.model_limit - one.limit) for one in bad if one.limit is not None),
    )


def _defaulted(
    model: CreditModel, portfolio: Portfolio, overrides: Sequence[KeptOverride]
) -> dict[str, bool]:
    """Of each override whose year is over, whether its buyer defaulted within it."""
    ids = portfolio.facts.buyer_ids
    asked = [
        (one.override_id, int(place), one.valid_from)
        for one in overrides
        if (place := np.searchsorted(ids, one.buyer_id)) < len(ids) and ids[place] == one.buyer_id
    ]
    if not asked:
        return {}
    outcomes = _labels(model, portfolio, tuple((place, day) for _, place, day in asked))
    return {
        override_id: outcomes[place, day]
        for override_id, place, day in asked
        if (place, day) in outcomes
    }


def _labels(
    model: CreditModel, portfolio: Portfolio, asked: Sequence[tuple[int, date]]
) -> dict[tuple[int, date], bool]:
    """Outcomes by buyer and day, of the days whose window has closed."""
    from models.label import label  # noqa: PLC0415  imports pandas
    from serving.surveillance.realised import label_rule  # noqa: PLC0415

    rule = label_rule(model)
    closed = sorted({one for one in asked if one[1] + rule.window <= portfolio.last_known_day})
    if not closed:
        return {}
    days = np.array([day for _, day in closed], "datetime64[D]").astype(np.int32)
    keys = Keys(np.array([place for place, _ in closed]), days)
    labelled = label(portfolio.facts, keys, rule)
    dates = labelled.keys.as_of.astype("datetime64[D]").tolist()
    places = labelled.keys.buyer.tolist()
    return dict(zip(zip(places, dates, strict=True), labelled.default.tolist(), strict=True))
