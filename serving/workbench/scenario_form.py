"""A scenario as a form: percentages where the file has shares, empty where nothing happens."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError

from models.scenarios.scenario import Scenario
from serving.problems import Problem, of_validation
from serving.workbench.words import N_

NAMED = ("baseline", "sector-shock", "export-expansion")


class Input(NamedTuple):
    """A number of the form: where it goes in the scenario, its label, and what one unit is."""

    path: tuple[str, ...]
    label: str
    unit: float = 1.0


INPUTS: Mapping[str, Input] = {
    "shock": Input(("shock",), N_("Shock to the economy, standard deviations (negative is bad)")),
    "sector_shock": Input(("sector", "shock"), N_("Further shock to these sectors")),
    "spill_over": Input(("sector", "spill_over"), N_("of it felt by other sectors, %%"), 0.01),
    "delay_days": Input(("features", "delay_days"), N_("Bills paid later by, days")),
    "revenue_loss": Input(("features", "revenue_loss"), N_("Sales lost, %%"), 0.01),
    "pass_through": Input(("features", "pass_through"), N_("of it lost in earnings, %%"), 0.01),
    "terms_days": Input(("export", "terms_days"), N_("Terms longer by, days")),
    "fx_haircut": Input(("export", "fx_haircut"), N_("Foreign currencies weaker by, %%"), 0.01),
}


def scenario_of(fields: Mapping[str, str], sections: Sequence[str]) -> Scenario:
    """The scenario that a form describes. Raises Problem naming each field that cannot be used."""
    content: dict[str, Any] = {"name": fields.get("title", "").strip() or "custom"}
    for name, (path, _, unit) in INPUTS.items():
        if text := fields.get(name, "").strip():
            table = content
            for part in path[:-1]:
                table = table.setdefault(part, {})
            table[path[-1]] = _scaled(text, unit)
    if sections:
        content.setdefault("sector", {})["sections"] = list(sections)
    elif "sector" in content:
        raise Problem("invalid-request", "sections: choose those that the further shock hits")
    try:
        return Scenario.model_validate(content)
    except ValidationError as error:
        raise of_validation(error) from error


def form_of(scenario: Scenario) -> dict[str, str]:
    """What the form says of a scenario."""
    content = scenario.model_dump(exclude_none=True)
    fields = {}
    for name, (path, _, unit) in INPUTS.items():
        value: Any = content
        for part in path:
            value = value.get(part) if isinstance(value, dict) else None
        if value:
            fields[name] = f"{value / unit:g}"
    return fields


def _scaled(text: str, unit: float) -> Any:
    """A number, or the text as it is: the scenario says what is wrong with it."""
    try:
        value = float(text.replace(",", ".")) * unit
    except ValueError:
        return text
    return round(value, 12)
