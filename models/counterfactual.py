"""What would have to change: the least a buyer can do to gain a grade or have its request covered.

Every answer is verified: the buyer's facts are changed, its features rebuilt, and the same model
and limit engine asked again. A feature that moves stays within what training saw (or where it
already was). The least is found by bisection along one lever, else along two pulled together: one
step less does not reach the aim. Limits are set anew: a raise that waits for its confirmation is
not waited for.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from functools import cache, partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from features.build import feature_matrix
from features.catalog import CATALOG, column
from features.facts import Facts, Keys
from features.what_if.what_if import alone
from models.assessment import ANEW, Assessment, conclude, limit_inputs, row_of
from models.credit_model import CreditModel
from models.explanation import Language, say_value, thousands
from models.levers import LEVERS, Lever
from models.limits.limit_reasons import CANDIDATES

PAIR_STEPS = 20  # two levers are pulled together, each by as many twentieths of its way

_HELD = CANDIDATES.index("unconfirmed_raise")
_GOALS = ("grade", "request")
_OUTCOME = {
    "en": "{changes}: grade {grade}, limit {limit}",
    "fr": "{changes} : note {grade}, limite {limit}",
}
_REASONS = {
    "nothing_to_gain": (
        "The best grade is reached and the request covered",
        "La meilleure note est atteinte et la demande couverte",
    ),
    "nothing_to_change": (
        "No fact the buyer can change is known",
        "Aucun fait que l'acheteur puisse changer n'est connu",
    ),
    "out_of_reach": (
        "No change of what the buyer can change, within what has been observed, is enough",
        "Aucun changement à la portée de l'acheteur, dans le domaine observé, ne suffit",
    ),
}


class Counterfactuals(NamedTuple):
    """What helps, the smallest change of each lever; where nothing does, the code and text why."""

    found: list[dict[str, Any]]
    reason: dict[str, str] | None


class _Way(NamedTuple):
    """One or two levers, and how many of its steps each takes at each step of the way."""

    levers: tuple[Lever, ...]
    steps: Callable[[int], tuple[int, ...]]
    length: int


def counterfactuals(
    model: CreditModel,
    facts: Facts,
    assessment: Assessment,
    row: int,
    language: Language = "en",
) -> Counterfactuals:
    """The smallest changes that lift the grade of one row or cover its request.

    Each holds `lever` (two joined by "+"), `reaches` ("grade", "request"), `changes` [{lever,
    feature, unit, steps, old, new}], `text`, and `default_probability`, `grade`, `limit` as scored
    again.
    """
    buyer = _Buyer(model, facts, assessment, row)
    goals = buyer.goals()
    if not goals:
        return Counterfactuals([], _reason("nothing_to_gain", language))
    if not (ways := [way for lever in LEVERS if (way := buyer.single(lever)).length]):
        return Counterfactuals([], _reason("nothing_to_change", language))
    single = [way for way in map(buyer.observed, ways) if way.length]
    found = [buyer.tell(*hit, language) for way in single for hit in buyer.smallest(way, goals)]
    if not found:
        pairs = [buyer.pair(a, b) for a, b in combinations(single, 2)]
        found = [buyer.tell(*hit, language) for way in pairs for hit in buyer.smallest(way, goals)]
    return Counterfactuals(found, None if found else _reason("out_of_reach", language))


class _Buyer:
    """One row of an assessment, its facts alone, and what they would be scored if changed."""

    def __init__(self, model: CreditModel, facts: Facts, assessment: Assessment, row: int) -> None:
        self.model = model
        self.as_of = int(assessment.keys.as_of[row])
        self.facts = alone(facts, int(assessment.keys.buyer[row]))
        self.keys = Keys(np.zeros(1, np.int64), assessment.keys.as_of[[row]])
        self.features = assessment.matrix[row]
        self.asked = _asked(facts, assessment, row)
        self.grade = int(assessment.limits.grade[row])
        amounts = assessment.limits.candidates[row]
        self.short = bool(np.nanmin(np.delete(amounts, _HELD)) < amounts[0])
        self.score = cache(self._score)

    def goals(self) -> tuple[str, ...]:
        """What is left to gain."""
        return tuple(
            goal for goal, open_ in zip(_GOALS, (self.grade > 0, self.short), strict=True) if open_
        )

    def single(self, lever: Lever) -> _Way:
        """The way of one lever, of no length where there is nothing to change."""
        most = lever.most(self.facts, self.as_of, self.features)
        return _Way((lever,), lambda step: (step,), most)

    def observed(self, way: _Way) -> _Way:
        """The way as far as features stay within what was observed."""
        beyond = _first(lambda step: not self.within(way, step), way.length)
        return way if beyond is None else way._replace(length=beyond - 1)

    def pair(self, one: _Way, other: _Way) -> _Way:
        """Two levers together, each by the same share of its own way, rounded up."""

        def steps(step: int) -> tuple[int, ...]:
            return tuple(-(-step * way.length // PAIR_STEPS) for way in (one, other))

        return _Way(one.levers + other.levers, steps, PAIR_STEPS)

    def smallest(self, way: _Way, goals: Sequence[str]) -> list[tuple[_Way, int, list[str]]]:
        """The first step of the way that reaches each goal; goals reached together share one."""
        reached: dict[int, list[str]] = {}
        for goal in goals:
            step = _first(partial(self.reaches, way, goal), way.length)
            if step is not None and self.within(way, step):
                reached.setdefault(step, []).append(goal)
        return [(way, step, reached[step]) for step in sorted(reached)]

    def reaches(self, way: _Way, goal: str, step: int) -> bool:
        """Whether the goal is reached at this step of the way."""
        result = self.scored(way, step).limits
        if goal == "grade":
            return 0 <= int(result.grade[0]) < self.grade
        return bool(result.limit[0] >= result.candidates[0, 0])

    def within(self, way: _Way, step: int) -> bool:
        """Whether every feature of the model that moved is where training has seen it."""
        new = self.scored(way, step).matrix[0, self.model.columns]
        old = self.features[self.model.columns]
        low, _, high = np.array([self.model.ranges[n] for n in self.model.feature_names]).T
        moved = (new != old) & ~(np.isnan(new) & np.isnan(old))
        inside = (new >= np.fmin(low, old)) & (new <= np.fmax(high, old))
        return bool((inside | np.isnan(new))[moved].all())

    def scored(self, way: _Way, step: int) -> Assessment:
        """The buyer scored again at one step of the way."""
        return self.score(way.levers, way.steps(step))

    def _score(self, levers: tuple[Lever, ...], steps: tuple[int, ...]) -> Assessment:
        facts = self.facts
        for lever, count in zip(levers, steps, strict=True):
            facts = lever.change(facts, self.as_of, count)
        return conclude(self.model, facts, self.keys, feature_matrix(facts, self.keys), self.asked)

    def tell(self, way: _Way, step: int, reaches: list[str], language: Language) -> dict[str, Any]:
        """A verified change in the words and units of the API."""
        scored = self.scored(way, step)
        changes, texts = [], []
        for lever, steps in zip(way.levers, way.steps(step), strict=True):
            feature = CATALOG[place := column(lever.feature)]
            old, new = float(self.features[place]), float(scored.matrix[0, place])
            changes.append(
                {
                    "lever": lever.name,
                    "feature": feature.name,
                    "unit": feature.unit,
                    "steps": steps,
                    "old": None if np.isnan(old) else old,
                    "new": None if np.isnan(new) else new,
                }
            )
            ask = (lever.fr if language == "fr" else lever.en).format(steps=steps)
            label = feature.fr if language == "fr" else feature.en
            values = " → ".join(say_value(feature, value, language) for value in (old, new))
            texts.append(f"{ask} ({label} {values})")
        grade = self.model.policy.master_scale.names[scored.limits.grade[0]]
        limit = float(scored.limits.limit[0])
        told = _OUTCOME[language].format(
            changes=" + ".join(texts), grade=grade, limit=thousands(limit)
        )
        return {
            "lever": "+".join(lever.name for lever in way.levers),
            "reaches": reaches,
            "changes": changes,
            "text": told[0].upper() + told[1:],
            "default_probability": float(scored.default_probability[0]),
            "grade": grade,
            "limit": limit,
        }


def _first(holds: Callable[[int], bool], last: int) -> int | None:
    """A step from 1 to `last` where `holds` and the one before does not, by bisection; None where
    it does not hold at `last`."""
    if last < 1 or not holds(last):
        return None
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _asked(facts: Facts, assessment: Assessment, row: int) -> dict[str, Any]:
    """What the request said of the limit's inputs: all that differs from what is observed of the
    buyer alone; but a limit in force holds nothing back."""
    keys = Keys(assessment.keys.buyer[[row]], assessment.keys.as_of[[row]])
    inputs = row_of(assessment.inputs, row)
    observed = limit_inputs(facts, keys, assessment.matrix[[row]], inputs.default_probability, {})
    asked = {
        field.name: given
        for field in fields(inputs)
        if (given := getattr(inputs, field.name)).dtype == np.float64
        and not np.array_equal(given, getattr(observed, field.name), equal_nan=True)
    }
    return {**asked, **ANEW}


def _reason(code: str, language: Language) -> dict[str, str]:
    return {"code": code, "text": _REASONS[code][("en", "fr").index(language)]}
