"""The rules of surveillance, read from TOML: unknown keys and values out of bounds are refused."""

import tomllib
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

DEFAULT_RULES = Path(__file__).with_name("rules.toml")

# Every rule that may fire on a buyer, gravest first: the first to fire gives an alert its kind.
RULES: Final = (
    "incident",
    "overdue",
    "grade_drop",
    "probability_ratio",
    "limit_use",
    "limit_cut",
    "stale_accounts",
    "limit_raise",  # proposed: it waits for confirmation; how much is worth one, the policy says
)
STALE_TABLES: Final = "stale_tables"

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Incident = Literal[
    "overdue_declared", "claim", "protracted_default", "judgment", "insolvency_opened"
]


class Section(BaseModel):
    """One table of the rules file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class GradeDrop(Section):
    """Grades lost since the last alert."""

    notches: Count


class ProbabilityRatio(Section):
    """How many times the default probability rose since the last alert."""

    ratio: Annotated[float, Field(gt=1, allow_inf_nan=False)]
    at_least: Annotated[float, Field(ge=0, lt=1)]


class LimitUse(Section):
    """Share of the limit in force that is owed, where enough is."""

    share: Positive
    at_least: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Overdue(Section):
    """Amount overdue by at least `days`, where a bucket of the aged balance starts."""

    days: Literal[1, 31, 61, 91, 181]
    amount: Positive


class Incidents(Section):
    """Kinds of events that count."""

    kinds: tuple[Incident, ...]


class LimitCut(Section):
    """Share of the limit lost since the last alert."""

    share: Annotated[float, Field(gt=0, le=1)]


class LimitRaise(Section):
    """Share of the limit in force from which a raise is worth proposing."""

    use: Positive


class StaleAccounts(Section):
    """Age of the last accounts."""

    months: Count


class StaleTables(Section):
    """Days since the newest fact in the tables."""

    days: Count


class Retention(Section):
    """How many runs keep their snapshot, then for how many months the first of each month does."""

    runs: Annotated[int, Field(ge=2)]
    months: Count


class Rules(BaseModel):
    """When an alert is raised; see rules.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Annotated[str, Field(min_length=1)]
    hysteresis: Annotated[float, Field(ge=0, lt=1)]
    grade_drop: GradeDrop
    probability_ratio: ProbabilityRatio
    limit_use: LimitUse
    overdue: Overdue
    incident: Incidents
    limit_cut: LimitCut
    limit_raise: LimitRaise
    stale_accounts: StaleAccounts
    stale_tables: StaleTables
    retention: Retention

    @classmethod
    def load(cls, path: Path = DEFAULT_RULES) -> "Rules":
        """Read a rules file. Raises ValueError naming the file, the key and what to write."""
        try:
            return cls.model_validate(tomllib.loads(path.read_text()))
        except tomllib.TOMLDecodeError as error:
            raise ValueError(f"{path} is no TOML: {error}") from error
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            key = ".".join(str(part) for part in first["loc"])
            raise ValueError(f"{path}: {key}: {first['msg']} (see {DEFAULT_RULES})") from error
