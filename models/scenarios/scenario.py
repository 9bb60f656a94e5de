"""Scenarios as files: a shock to the economy or to sectors, a change of business, worse facts."""

import tomllib
from pathlib import Path
from typing import Annotated, Final, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.facts import Facts
from features.what_if.accounts import devalue, lose_revenue
from features.what_if.ledger import shift_payments
from models.limits.limit_inputs import Floats
from models.policy_sections import NaceSection, Share

SHIPPED: Final = Path(__file__).parent
WORST_SHOCK: Final = -10.0  # standard deviations

Loss = Annotated[float, Field(ge=0, lt=1)]
Days = Annotated[int, Field(ge=0, le=365)]
Shock = Annotated[float, Field(ge=WORST_SHOCK, le=-WORST_SHOCK)]
Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]


class ScenarioError(ValueError):
    """A scenario that cannot be used: the message names each key and what is wrong with it."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SectorShock(_Part):
    """A shock to some NACE sections, a share of which spills over to all others."""

    sections: Annotated[frozenset[NaceSection], Field(min_length=1)]
    shock: Shock
    spill_over: Share = 0.0


class Export(_Part):
    """Longer terms, weaker foreign currencies, and another mix of exposure by country."""

    terms_days: Days = 0
    fx_haircut: Loss = 0.0
    country_mix: dict[Country, Share] = {}

    @model_validator(mode="after")
    def _leaves_the_rest(self) -> Self:
        if (total := sum(self.country_mix.values())) >= 1:
            raise ValueError(f"country_mix adds up to {total:g}; leave a share to other countries")
        return self


class FeatureShock(_Part):
    """Bills paid later, sales lost; `pass_through` of what is lost in sales is lost in earnings."""

    delay_days: Days = 0
    revenue_loss: Loss = 0.0
    pass_through: Share = 0.3


class Scenario(_Part):
    """A scenario file. Shocks are in standard deviations of the economy, negative is bad.

    `correlation` of all buyers' assets with the economy; by default Basel's, by probability.
    """

    name: Annotated[str, Field(min_length=1)]
    description: str = ""
    shock: Shock = 0.0
    correlation: Annotated[float, Field(gt=0, lt=1)] | None = None
    sector: SectorShock | None = None
    export: Export = Export()
    features: FeatureShock = FeatureShock()

    @classmethod
    def load(cls, source: str | Path) -> Self:
        """A shipped scenario by name, or a TOML file; ScenarioError says what to correct."""
        shipped = {path.stem: path for path in sorted(SHIPPED.glob("*.toml"))}
        path = shipped.get(str(source), Path(source))
        if not path.is_file():
            raise ScenarioError(f"no scenario {str(source)!r}: name a file or {[*shipped]}")
        try:
            return cls.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
        except tomllib.TOMLDecodeError as error:
            raise ScenarioError(f"{path.name} is not TOML: {error}") from error
        except ValidationError as error:
            lines = [
                f"  {'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}"
                for e in error.errors()
            ]
            raise ScenarioError("\n".join([f"{path.name} cannot be used:", *lines])) from error

    def shocks(self, section: NDArray[np.str_], common: float) -> Floats:
        """The shock of each NACE section, the one to the whole economy being `common`."""
        if self.sector is None:
            return np.full(len(section), common)
        hit = np.isin(section, list(self.sector.sections))
        return common + self.sector.shock * np.where(hit, 1.0, self.sector.spill_over)

    def facts(self, facts: Facts, as_of: int) -> Facts:
        """The facts under the scenario, as known on `as_of`."""
        what_if = self.features
        facts = shift_payments(facts, as_of, what_if.delay_days)
        facts = lose_revenue(facts, as_of, what_if.revenue_loss, what_if.pass_through)
        return devalue(facts, self.export.fx_haircut)
