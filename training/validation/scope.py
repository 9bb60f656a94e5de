"""1 Scope: what the model is for, what it foresees, and whom it leaves out."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from models.label import LabelRule
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Section, at_least, holds


def section(case: Case) -> Section:
    """The purpose in words, the label recipe, and where the rows went."""
    label, counts, policy = case.config.label, case.sample.counts, case.model.policy
    test = case.test
    recipe = {
        "target": "first of " + ", ".join(label.default_is),
        "horizon": f"{label.horizon_days} days after as_of_date, open at its start",
        "unpaid": _unpaid(label, case.config.currency),
        "excluded": "buyers in default on as_of_date, disputed invoices and incidents, credit "
        "notes",
        "cure": f"{label.probation_days} days of probation",
        "censoring": "no default counts as one only where the horizon was observed to its end",
        "population": f"{case.config.cohort.rule}, {counts['candidates']:,} candidates: "
        f"{counts['in_default']:,} in default, {counts['censored']:,} censored, "
        f"{counts['not_at_risk']:,} not at risk",
        "not scored": ", ".join(policy.refused_entities) or "none",
    }
    defaults = int(test.default.sum())
    learned = case.model.metadata.get("config", {}).get("label", {})
    checks = (
        at_least(
            "defaults to judge by",
            defaults,
            *thresholds.DEFAULTS,
            value=f"{defaults:,} in the test slice ({test.population})",
        ),
        holds(
            "judged on what it was learned on",
            not (other := differing(label, learned)),
            ", ".join(label.default_is)
            + f" in {label.horizon_days} days"
            + "".join(f"; {key} {learned.get(key)} when learned" for key in other),
            "the label recipe of the bundle",
        ),
        holds(
            "people are not scored",
            {"natural_person", "sole_trader"} <= set(policy.refused_entities),
            f"refused: {recipe['not scored']}",
            "natural persons and sole traders refused (EU AI Act, annex III 5(b))",
            "WARN",
        ),
    )
    text = (
        "Use: the twelve-month default probability of a buyer, a legal entity, on a day, for "
        "credit limits and their surveillance by underwriters and limit engines. Owner: whoever "
        "promotes it; the registry keeps the name. Not for natural persons, not for pricing alone."
    )
    table = pd.DataFrame({"recipe": recipe}).rename_axis("label")
    return Section("Scope and target", checks, (text, table))


def differing(label: LabelRule, learned: Mapping[str, Any]) -> list[str]:
    """Keys of the recipe that are not as the model learned them; how long was observed may differ.

    >>> differing(LabelRule(waiting_days=30), {"horizon_days": 365, "waiting_days": 180})
    ['waiting_days']
    """
    recipe = json.loads(json.dumps(asdict(label), default=str))
    usual = json.loads(json.dumps(asdict(LabelRule()), default=str))
    return [
        key
        for key, value in recipe.items()
        if key != "observed_until" and value != learned.get(key, usual[key])
    ]


def _unpaid(label: LabelRule, currency: str) -> str:
    if "unpaid" not in label.default_is:
        return "invoices alone are no default: `unpaid` is not in default_is"
    return (
        f"more than {label.waiting_days} days beyond terms, {label.materiality:,.0f} {currency} or "
        f"more together, and not paid within {label.technical_days} days after that"
    )
