"""The tables of a policy file: keys, units and bounds of the credit committee's numbers."""

from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

Amount = Annotated[float, Field(gt=0, allow_inf_nan=False)]  # in Policy.currency
Cap = Annotated[float, Field(ge=0, allow_inf_nan=False)]  # in Policy.currency
Share = Annotated[float, Field(ge=0, le=1)]
Factor = Annotated[float, Field(gt=0, le=1)]
Days = Annotated[int, Field(ge=1, le=730)]
Months = Annotated[int, Field(ge=1, le=60)]
NaceSection = Annotated[str, Field(pattern="^[A-U]$")]  # NACE rev. 2 section letter


def falling(values: tuple[float, ...]) -> bool:
    """Whether no value exceeds the one before it."""
    return all(later <= earlier for earlier, later in pairwise(values))


class Section(BaseModel):
    """One table of the policy file: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ByGrade(Section):
    """Appetite by grade, best first. Shares and caps never rise as grades worsen."""

    net_worth_share: tuple[Share, ...]
    turnover_share: tuple[Share, ...]
    cap: tuple[Cap, ...]
    review_months: tuple[Months, ...]

    @model_validator(mode="after")
    def _falling(self) -> Self:
        for name, values in self:
            if not falling(values):
                raise ValueError(f"{name} {values} rises; a worse grade may not get more")
        return self


class Need(Section):
    """From purchases to the exposure they imply."""

    peak_factor: Annotated[float, Field(ge=1, le=5)]
    terms_days: Days
    delay_days: Annotated[int, Field(ge=0, le=365)]
    most_delay_days: Annotated[int, Field(ge=0, le=365)]


class Cover(Section):
    """What an insurer pays and what for."""

    vat_included: bool
    vat_rate: Share
    insured_share: Annotated[float, Field(ge=0.70, le=0.95)]
    deductible: Cap
    premium_loading: Annotated[float, Field(ge=1, le=10)]


class LossGivenDefault(Section):
    """Share of the exposure lost, and what each security multiplies it by."""

    default: Factor
    retention_of_title: Factor
    surety: Factor
    senior: Factor


class ReturnOnCapital(Section):
    """Margin and cost a year per unit of exposure; return asked on capital.

    A hurdle up to 1 keeps the return candidate falling in the default probability: expected loss
    + hurdle × capital then rises with it, though capital alone falls beyond some 30 %.
    """

    margin: Share
    cost: Share
    hurdle: Factor
    concentration: Amount


class Caps(Section):
    """Ceilings that belong to the portfolio, whatever the buyer offers as security."""

    single_name: Amount
    group: Amount
    country: Annotated[tuple[Cap, ...], Field(min_length=8, max_length=8)]
    country_unrated: Cap
    sector: dict[NaceSection, Cap] = {}

    @model_validator(mode="after")
    def _falling(self) -> Self:
        if not falling(self.country):
            raise ValueError(f"country {self.country} rises; a worse country may not get more")
        return self


class ThinFile(Section):
    """What is granted, or referred, where no accounts are known."""

    cap: Cap
    refer: bool


class StaleAccounts(ThinFile):
    """What is granted, or referred, where the accounts are old."""

    after_months: Months


class Hysteresis(Section):
    """How much better a new limit (share) or grade (notches) must be to raise one in force, and
    for how many days it must have been so."""

    minimum_raise: Share
    minimum_notches: Annotated[int, Field(ge=1)]
    confirmation_days: Annotated[int, Field(ge=0, le=365)] = 30


class TopUp(Section):
    """Bounds of a temporary top-up."""

    most_share: Share
    most_days: Days


class Conditions(Section):
    """How far conditions may go."""

    shortest_terms_days: Days
    most_prepayment: Annotated[float, Field(ge=0, lt=1)]


class Step(Section):
    """Amounts under `below` are rounded to multiples of `step`."""

    step: Amount
    below: Annotated[float, Field(gt=0)] = float("inf")


class Overlay(Section):
    """A judgment of the committee on a sector or country, with its owner and its end."""

    sector: NaceSection | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    factor: Share
    owner: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    starts: date
    expires: date

    @model_validator(mode="after")
    def _aimed(self) -> Self:
        if self.sector is None and self.country is None:
            raise ValueError("an overlay needs a sector, a country or both")
        if self.expires < self.starts:
            raise ValueError(f"expires {self.expires} is before starts {self.starts}")
        return self

    @cached_property
    def _days(self) -> tuple[int, int]:
        epoch = date(1970, 1, 1).toordinal()
        return self.starts.toordinal() - epoch, self.expires.toordinal() - epoch

    def applies(
        self, section: NDArray[np.str_], country: NDArray[np.str_], day: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether it is in force on each (NACE section, country, day since 1970-01-01)."""
        starts, expires = self._days
        hit = (day >= starts) & (day <= expires)
        if self.sector is not None:
            hit = hit & (section == self.sector)
        if self.country is not None:
            hit = hit & (country == self.country)
        return hit
