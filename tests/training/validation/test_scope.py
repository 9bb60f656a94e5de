import json
from dataclasses import asdict, replace

from models.label import LabelRule
from training.validation.case import Case
from training.validation.scope import differing, section


def test_every_key_of_the_label_recipe_is_compared_but_how_long_was_observed() -> None:
    learned = json.loads(json.dumps(asdict(LabelRule()), default=str))
    assert not differing(LabelRule(), learned)
    assert not differing(LabelRule(), {})
    other = LabelRule(materiality=1000, default_is=("claim",))
    assert differing(other, learned) == ["default_is", "materiality"]


def test_another_recipe_is_told_with_what_was_learned(case: Case) -> None:
    rule = replace(case.config.label, materiality=1000.0)
    found = section(replace(case, config=replace(case.config, label=rule)))
    (check,) = [c for c in found.checks if c.name == "judged on what it was learned on"]
    assert check.verdict != "PASS"
    assert f"materiality {case.config.label.materiality} when learned" in check.value


def test_unpaid_invoices_are_described_only_where_they_count(case: Case) -> None:
    def told(*kinds: str) -> str:
        rule = replace(case.config.label, default_is=kinds)
        table = section(replace(case, config=replace(case.config, label=rule))).parts[1]
        return str(table.loc["unpaid", "recipe"])

    assert "not in default_is" in told("claim")
    assert told("unpaid").startswith("more than 180 days beyond terms, 500 EUR")
