"""An assessment in the words and units of the API: one buyer's decision, and why."""

from math import isnan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from features.catalog import column
from features.facts import Facts
from features.feature import TOPICS
from models import cover_note
from models.assessment import Assessment, assess, conclude, limit_inputs, row_of
from models.cover_note import TopUp, iso
from models.credit_model import CreditModel
from models.explanation import Language, shapley_effects, topic_sums
from models.limits.candidates import Standing
from models.limits.conditions import conditions
from models.limits.limit import DECISIONS, limit_and_capacity
from models.limits.limit_inputs import Floats, LimitInputs
from models.limits.limit_reasons import CANDIDATES, reasons

__all__ = ["Assessment", "answer", "assess", "conclude", "flags", "limit_inputs", "row_of"]

THIN_FILE_MONTHS: Final = 3  # with less payment history the buyer is judged on little


def answer(
    model: CreditModel,
    facts: Facts,
    assessment: Assessment,
    row: int,
    language: Language = "en",
    top_up: TopUp | None = None,
    *,
    explained: bool = True,
) -> dict[str, Any]:
    """One row in the words and units of the API; every column of effects adds up. Not `explained`,
    it lacks drivers and topics, which cost as much as the rest."""
    policy, result = model.policy, row_of(assessment.limits, row)
    probability = float(assessment.default_probability[row])
    inputs = row_of(assessment.inputs, row)
    standing = assessment.standing.rows(slice(row, row + 1))
    limit = float(result.limit[0])
    requested = float(inputs.requested_amount[0])
    outstanding = float(assessment.matrix[row, column("open_amount")])
    money = cover_note.money(policy, inputs, result)
    why = (
        {
            "drivers": drivers_told(model, assessment, row, language),
            **topics_told(model, assessment, row, inputs, standing, language),
        }
        if explained
        else {}
    )
    return {
        "buyer_id": str(facts.buyer_ids[assessment.keys.buyer[row]]),
        "as_of_date": iso(assessment.keys.as_of[row]),
        "default_probability": probability,
        "grade": policy.master_scale.names[result.grade[0]],
        "log_odds": float(assessment.log_odds[row]),
        "base_log_odds": float(assessment.base_log_odds),
        **why,
        "limit": limit,
        "currency": policy.currency,
        "requested_amount": None if isnan(requested) else requested,
        "decision": DECISIONS[result.decision[0]],
        "reasons": reasons(int(result.reasons[0]), language),
        "binding_constraint": CANDIDATES[result.binding[0]],
        "candidates": {
            name: None if isnan(amount) else round(amount, 2)
            for name, amount in zip(CANDIDATES, result.candidates[0].tolist(), strict=True)
        },
        "in_force": cover_note.in_force(row_of(assessment.granted, row), result, outstanding),
        "top_up": cover_note.temporary(policy, inputs, result, top_up),
        "group": cover_note.group(policy, facts, row_of(assessment.group, row)),
        "overlays": cover_note.overlays(policy, inputs),
        "conditions": conditions(
            policy, inputs, limit, outstanding=outstanding, language=language, standing=standing
        ),
        "expected_loss": round(money["expected_loss"], 2),
        "money": money,
        "flags": flags(model, assessment, row),
        "valid_from": iso(assessment.keys.as_of[row]),
        "valid_until": iso(result.valid_until[0]),
        "review_on": iso(result.review_on[0]),
        "model_version": model.version,
        "policy_version": policy.version,
        "policy_digest": policy.digest,
    }


def flags(model: CreditModel, assessment: Assessment, row: int) -> list[str]:
    """What the reader must know about the evidence: said plainly, never filled in."""
    values = assessment.matrix[row]
    months = values[column("months_of_history")]
    accounts_age = values[column("accounts_age_months")]
    raised = {
        "thin_file": bool(thin_file(months, accounts_age)),
        "no_payment_history": not months > 0,
        "no_accounts": np.isnan(accounts_age),
        "stale_accounts": accounts_age > model.policy.stale_accounts.after_months,
    }
    return [name for name, is_raised in raised.items() if is_raised]


def thin_file(months_of_history: Floats, accounts_age_months: Floats) -> NDArray[np.bool]:
    """Whether a buyer is judged on little: hardly any payment history, or no accounts at all."""
    return ~(months_of_history >= THIN_FILE_MONTHS) | np.isnan(accounts_age_months)


def drivers_told(
    model: CreditModel, assessment: Assessment, row: int, language: Language
) -> list[dict[str, Any]]:
    """Every feature that moves the log-odds, strongest first."""
    contributions = assessment.contributions[row]
    order = np.argsort(-np.abs(contributions), kind="stable")
    order = order[: np.count_nonzero(contributions)]
    values = assessment.matrix[row, model.columns[order]].tolist()
    told = zip(order.tolist(), contributions[order].tolist(), values, strict=True)
    features, sayers = model.features, model.sayers[language]
    return [
        {
            "feature": (feature := features[place]).name,
            "topic": feature.topic,
            "value": None if isnan(value) else value,
            "unit": feature.unit,
            "contribution": contribution,
            "wording": sayers[place](value, contribution),
        }
        for place, contribution, value in told
    ]


def topics_told(
    model: CreditModel,
    assessment: Assessment,
    row: int,
    inputs: LimitInputs,
    standing: Standing,
    language: Language,
) -> dict[str, Any]:
    """Each topic's effect in log-odds, probability and currency, and where each column starts.

    base_log_odds + Σ log_odds = log_odds; base_probability + Σ probability_effect =
    default_probability; base_limit + Σ limit_effect + limit_rounding = limit;
    base_capacity + Σ capacity_effect = capacity, the least of what we would risk on the buyer.
    """

    def worth(log_odds: Floats) -> Floats:
        probability = expit(log_odds)
        what_if = inputs.changed(default_probability=probability)
        return np.array([probability, *limit_and_capacity(model.policy, what_if, standing)])

    sums = topic_sums(model.topics, assessment.contributions[[row]])
    log_odds = [float(column[0]) for column in sums.values()]
    base, total = assessment.base_log_odds, float(assessment.log_odds[row])
    effects, start, end = (
        table.tolist() for table in shapley_effects(base, log_odds, total, worth)
    )
    exact = float(assessment.limits.exact[row])
    words = ("en", "fr").index(language)
    return {
        "topics": [
            {
                "topic": topic,
                "label": TOPICS[topic][words],
                "log_odds": log_odds[i],
                "probability_effect": effects[i][0],
                "limit_effect": effects[i][1],
                "capacity_effect": effects[i][2],
            }
            for i, topic in enumerate(sums)
        ],
        "base_probability": start[0],
        "base_limit": start[1],
        "limit_rounding": float(assessment.limits.limit[row]) - exact,
        "base_capacity": start[2],
        "capacity": end[2],
    }
