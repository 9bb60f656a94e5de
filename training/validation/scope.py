"""1 Scope: what the model is for, what it foresees, and whom it leaves out."""

import pandas as pd

from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import at_least, holds
from training.validation.section import Section


def section(case: Case) -> Section:
    """The purpose in words, the label recipe, and where the rows went."""
    label, counts, policy = case.config.label, case.sample.counts, case.model.policy
    test = case.test
    recipe = {
        "target": "first of " + ", ".join(label.default_is),
        "horizon": f"{label.horizon_days} days after as_of_date, open at its start",
        "unpaid": f"more than {label.waiting_days} days beyond terms, "
        f"{label.materiality:,.0f} {case.config.currency} or more together",
        "excluded": "buyers in default on as_of_date, disputed invoices and incidents, "
        f"technical lateness (paid within {label.technical_days} days after the waiting period), "
        "credit notes",
        "cure": f"{label.probation_days} days of probation",
        "censoring": "no default counts as one only where the horizon was observed to its end",
        "population": f"{case.config.cohort.rule}, {counts['candidates']:,} candidates: "
        f"{counts['in_default']:,} in default, {counts['censored']:,} censored, "
        f"{counts['not_at_risk']:,} not at risk",
        "not scored": ", ".join(policy.refused_entities) or "none",
    }
    defaults = int(test.default.sum())
    scored = case.model.metadata.get("config", {}).get("label", {})
    same = {key: scored.get(key) for key in ("horizon_days", "default_is")} == {
        "horizon_days": label.horizon_days,
        "default_is": list(label.default_is),
    }
    checks = (
        at_least(
            "defaults to judge by",
            defaults,
            *thresholds.DEFAULTS,
            value=f"{defaults:,} in the test slice ({test.population})",
        ),
        holds(
            "judged on what it was learned on",
            same,
            ", ".join(label.default_is) + f" in {label.horizon_days} days",
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
