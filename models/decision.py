"""From facts to a decision: features, probability, limit and reasons, one buyer or a million.

    facts, keys -> feature matrix -> log-odds and drivers -> limits -> an answer in words

`assess` works on arrays and serves the portfolio and the request alike; `answer` puts one row of
it into the words of the API.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from features.build import feature_matrix
from features.catalog import column
from features.facts import Facts, Keys
from features.feature import TOPICS
from models.credit_model import CreditModel
from models.explanation import Language, say, shapley_effects, topic_sums
from models.limits.conditions import conditions
from models.limits.limit import DECISIONS, Limits, exact_limits, limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import CANDIDATES, reasons
from models.limits.loss import expected_loss

Floats = NDArray[np.float64]

THIN_FILE_MONTHS = 3  # with less payment history the buyer is judged on little


@dataclass(frozen=True)
class Assessment:
    """What was concluded for each key: matrix (n, catalogue), contributions (n, model features)."""

    keys: Keys
    matrix: Floats
    base_log_odds: float
    contributions: Floats
    log_odds: Floats
    inputs: LimitInputs
    limits: Limits

    @property
    def default_probability(self) -> Floats:
        """Twelve-month default probability, (n,)."""
        return self.inputs.default_probability

    def column(self, name: str) -> Floats:
        """One feature of the catalogue, (n,)."""
        return self.matrix[:, column(name)]


def assess(
    model: CreditModel, facts: Facts, keys: Keys, asked: Mapping[str, Any] | None = None
) -> Assessment:
    """Score every key and set its limit. `asked` holds what the request says of LimitInputs'
    fields (requested_amount, terms_days, guarantee_amount, …), scalars or (n,)."""
    return conclude(model, facts, keys, feature_matrix(facts, keys), asked)


def conclude(
    model: CreditModel,
    facts: Facts,
    keys: Keys,
    matrix: Floats,
    asked: Mapping[str, Any] | None = None,
) -> Assessment:
    """`assess` from a feature matrix already built."""
    base, contributions = model.default_model.drivers(
        np.ascontiguousarray(matrix[:, model.columns])
    )
    log_odds = base + contributions.sum(axis=1)
    inputs = limit_inputs(facts, keys, matrix, expit(log_odds), asked or {})
    return Assessment(
        keys, matrix, base, contributions, log_odds, inputs, limits(model.policy, inputs)
    )


def limit_inputs(
    facts: Facts,
    keys: Keys,
    matrix: Floats,
    default_probability: Floats,
    asked: Mapping[str, Any],
) -> LimitInputs:
    """What the limit engine reads of each key; what is asked replaces what is observed."""
    buyers = facts["buyers"]

    def text(name: str) -> NDArray[np.str_]:
        labels = np.append(buyers.labels[name], "")  # code -1, unknown, finds the empty label
        return labels[buyers[name][buyers.start[keys.buyer]]]

    observed = {
        "net_worth": matrix[:, column("net_worth")],
        "turnover": matrix[:, column("turnover")],
        "accounts_age_months": matrix[:, column("accounts_age_months")],
        "purchases": matrix[:, column("purchases_12m")],
        "terms_days": matrix[:, column("purchase_terms_days")],
        "delay_days": matrix[:, column("dbt_12m")],
        "insolvency_open": matrix[:, column("insolvency_open")],
        "in_default": matrix[:, column("in_default")],
        "country_grade": matrix[:, column("country_grade")],
        "country": text("country"),
        "sector": text("sector"),
        "entity_type": text("entity_type"),
    }
    known = {name: np.atleast_1d(np.asarray(value, float)) for name, value in asked.items()}
    return LimitInputs(default_probability, keys.as_of.astype(np.int64), **{**observed, **known})


def answer(
    model: CreditModel, facts: Facts, assessment: Assessment, row: int, language: Language = "en"
) -> dict[str, Any]:
    """One row in the words and units of the API; every column of effects adds up."""
    policy, result = model.policy, assessment.limits
    probability = float(assessment.default_probability[row])
    inputs = row_of(assessment.inputs, row)
    limit = float(result.limit[row])
    candidates = result.candidates[row]
    requested = float(inputs.requested_amount[0])
    loss = expected_loss(probability, result.loss_given_default[row], limit)
    return {
        "buyer_id": str(facts.buyer_ids[assessment.keys.buyer[row]]),
        "as_of_date": _iso(assessment.keys.as_of[row]),
        "default_probability": probability,
        "grade": policy.master_scale.names[result.grade[row]],
        "log_odds": float(assessment.log_odds[row]),
        "base_log_odds": float(assessment.base_log_odds),
        "drivers": _drivers(model, assessment, row, language),
        **_topics(model, assessment, row, inputs, language),
        "limit": limit,
        "currency": policy.currency,
        "requested_amount": None if np.isnan(requested) else requested,
        "decision": DECISIONS[result.decision[row]],
        "reasons": reasons(int(result.reasons[row]), language),
        "binding_constraint": CANDIDATES[result.binding[row]],
        "candidates": {
            name: None if np.isnan(amount) else round(float(amount), 2)
            for name, amount in zip(CANDIDATES, candidates, strict=True)
        },
        "conditions": conditions(
            policy,
            inputs,
            limit,
            outstanding=float(assessment.matrix[row, column("open_amount")]),
            language=language,
        ),
        "expected_loss": round(float(loss), 2),
        "flags": flags(model, assessment, row),
        "valid_from": _iso(assessment.keys.as_of[row]),
        "valid_until": _iso(result.valid_until[row]),
        "review_on": _iso(result.review_on[row]),
        "model_version": model.version,
        "policy_version": policy.version,
    }


def flags(model: CreditModel, assessment: Assessment, row: int) -> list[str]:
    """What the reader must know about the evidence: said plainly, never filled in."""
    values = assessment.matrix[row]
    months = values[column("months_of_history")]
    accounts_age = values[column("accounts_age_months")]
    thin_history = not months >= THIN_FILE_MONTHS  # NaN: none at all
    raised = {
        "thin_file": thin_history or np.isnan(accounts_age),
        "no_payment_history": not months > 0,
        "no_accounts": np.isnan(accounts_age),
        "stale_accounts": accounts_age > model.policy.stale_accounts.after_months,
    }
    return [name for name, is_raised in raised.items() if is_raised]


def row_of(inputs: LimitInputs, row: int) -> LimitInputs:
    """One row of the inputs, columns of shape (1,)."""
    columns = {field.name: getattr(inputs, field.name) for field in fields(inputs)}
    return LimitInputs(
        **{name: column if len(column) == 1 else column[[row]] for name, column in columns.items()}
    )


def _drivers(
    model: CreditModel, assessment: Assessment, row: int, language: Language
) -> list[dict[str, Any]]:
    """Every feature that moves the log-odds, strongest first."""
    contributions = assessment.contributions[row]
    values = assessment.matrix[row, model.columns]
    order = np.argsort(-np.abs(contributions), kind="stable")
    return [
        {
            "feature": feature.name,
            "topic": feature.topic,
            "value": None if np.isnan(value := float(values[i])) else value,
            "unit": feature.unit,
            "contribution": contribution,
            "wording": say(feature, value, contribution, language),
        }
        for i in order
        if (contribution := float(contributions[i])) and (feature := model.features[i])
    ]


def _topics(
    model: CreditModel, assessment: Assessment, row: int, inputs: LimitInputs, language: Language
) -> dict[str, Any]:
    """Each topic's effect in log-odds, probability and currency, and where each column starts.

    base_log_odds + Σ log_odds = log_odds; base_probability + Σ probability_effect =
    default_probability; base_limit + Σ limit_effect + limit_rounding = limit.
    """

    def limit_at(log_odds: Floats) -> Floats:
        return exact_limits(model.policy, replace(inputs, default_probability=expit(log_odds)))

    sums = topic_sums(
        [feature.topic for feature in model.features], assessment.contributions[[row]]
    )
    log_odds = [float(column[0]) for column in sums.values()]
    base, total = assessment.base_log_odds, float(assessment.log_odds[row])
    in_probability = shapley_effects(base, log_odds, total, expit)
    in_limit = shapley_effects(base, log_odds, total, limit_at)
    exact = float(assessment.limits.exact[row])
    words = ("en", "fr").index(language)
    return {
        "topics": [
            {
                "topic": topic,
                "label": TOPICS[topic][words],
                "log_odds": log_odds[i],
                "probability_effect": float(in_probability[i]),
                "limit_effect": float(in_limit[i]),
            }
            for i, topic in enumerate(sums)
        ],
        "base_probability": float(expit(base)),
        "base_limit": float(limit_at(np.array([base]))[0]),
        "limit_rounding": float(assessment.limits.limit[row]) - exact,
    }


def _iso(day: np.integer) -> str:
    return str(np.datetime64(int(day), "D"))
