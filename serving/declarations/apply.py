"""What a person overrides in an answer: the model's values stay in it, beside the person's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models import cover_note
from models.assessment import Assessment, row_of
from models.cover_note import TopUp
from models.explanation import Language
from models.limits.conditions import conditions
from models.limits.limit import DECISIONS, Limits, limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import CANDIDATES, reasons
from models.policy import Policy

WORDS = {
    "limit": (
        "{by} set the limit until {until}: {why}",
        "{by} a fixé la limite jusqu'au {until} : {why}",
    ),
    "grade": (
        "{by} set the grade until {until}: {why}",
        "{by} a fixé la note jusqu'au {until} : {why}",
    ),
}


@dataclass(frozen=True)
class Override:
    """A person's limit or grade for one buyer, from `valid_from` to `expires_on`, both included."""

    override_id: str
    limit: float | None
    grade: str | None
    reason: str
    set_by: str
    role: str
    valid_from: str
    expires_on: str

    def in_force(self, as_of_date: str) -> bool:
        """Whether it holds on that day."""
        return self.valid_from <= as_of_date <= self.expires_on


def apply(
    policy: Policy,
    assessment: Assessment,
    said: dict[str, Any],
    overrides: Sequence[Override],
    language: Language,
    top_up: TopUp | None = None,
) -> dict[str, Any]:
    """The answer with `overrides`, at most one limit and one grade, in force.

    A grade moves all that follows from it, the limit too; a limit stands for itself, but where the
    engine finds a hard stop (insolvency, default) there is none. The model's probability, drivers
    and effects stay; `override_effect` is what the limit gained or lost, so that the column of
    limits still adds up.
    """
    new = {**said, "overrides": [_shown(one, said) for one in overrides], "override_effect": 0.0}
    if not overrides:
        return new
    inputs, result = row_of(assessment.inputs, 0), row_of(assessment.limits, 0)
    for override in sorted(overrides, key=lambda one: one.limit is not None):
        if override.grade is not None:
            inputs = _graded(policy, inputs, override.grade)
            result = limits(policy, inputs)
            new |= _concluded(policy, result, language)
        elif override.limit is not None and new["binding_constraint"] != "hard_stop":
            result = replace(result, limit=np.array([override.limit]), binding=np.zeros(1, int))
            new |= _limited(new, override.limit)
    return {
        **new,
        **_cover(policy, assessment, inputs, result, language, top_up),
        "reasons": [*(_reason(one, language) for one in overrides), *new["reasons"]],
        "override_effect": new["limit"] - said["limit"],
        "valid_until": min(new["valid_until"], *(one.expires_on for one in overrides)),
    }


def _graded(policy: Policy, inputs: LimitInputs, grade: str) -> LimitInputs:
    """The inputs as if the buyer had `grade`: at its probability, or in default."""
    scale = policy.master_scale
    index = scale.names.index(grade)
    probability = np.full(1, scale.default_probabilities[index])
    in_default = np.maximum(inputs.in_default, float(index == scale.default_grade))
    return replace(
        inputs,
        default_probability=probability,
        in_default=in_default,
        held_limit=np.full(1, np.nan),  # a person's word needs no confirmation
    )


def _concluded(policy: Policy, result: Limits, language: Language) -> dict[str, Any]:
    """What follows from the grade."""
    return {
        "grade": policy.master_scale.names[result.grade[0]],
        "limit": float(result.limit[0]),
        "decision": DECISIONS[result.decision[0]],
        "reasons": reasons(int(result.reasons[0]), language),
        "binding_constraint": CANDIDATES[result.binding[0]],
        "candidates": {
            name: None if np.isnan(amount) else round(float(amount), 2)
            for name, amount in zip(CANDIDATES, result.candidates[0], strict=True)
        },
        "review_on": cover_note.iso(result.review_on[0]),
    }


def _cover(
    policy: Policy,
    assessment: Assessment,
    inputs: LimitInputs,
    result: Limits,
    language: Language,
    top_up: TopUp | None,
) -> dict[str, Any]:
    """What follows from the limit."""
    limit, outstanding = float(result.limit[0]), float(assessment.column("open_amount")[0])
    priced = replace(inputs, default_probability=assessment.default_probability)
    money = cover_note.money(policy, priced, result)
    return {
        "in_force": cover_note.in_force(row_of(assessment.granted, 0), result, outstanding),
        "top_up": cover_note.temporary(policy, inputs, result, top_up),
        "conditions": conditions(policy, inputs, limit, outstanding=outstanding, language=language),
        "expected_loss": round(money["expected_loss"], 2),
        "money": money,
    }


def _limited(said: dict[str, Any], limit: float) -> dict[str, Any]:
    """What follows from a person's limit; nobody needs to be asked any more."""
    needed = said["candidates"]["need"]
    short = limit < (1.0 if needed is None else needed)
    decision = "refused" if limit == 0 else "partial" if short else "full"
    return {"limit": limit, "decision": decision, "binding_constraint": "override"}


def _shown(override: Override, said: dict[str, Any]) -> dict[str, Any]:
    """The person's value beside the model's."""
    return {**vars(override), "model_limit": said["limit"], "model_grade": said["grade"]}


def _reason(override: Override, language: Language) -> dict[str, str]:
    kind = "grade" if override.limit is None else "limit"
    text = WORDS[kind][("en", "fr").index(language)]
    return {
        "code": f"override_{kind}",
        "text": text.format(by=override.set_by, until=override.expires_on, why=override.reason),
    }
