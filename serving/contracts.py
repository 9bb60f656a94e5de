"""What may be asked: pydantic models, the source of the OpenAPI document."""

from typing import Annotated, Self

from pydantic import ConfigDict, Field, model_validator

from models.explanation import Language
from serving.fields import Amount, Country, Day, Money, Strict, Text, exactly_one
from serving.raw_facts import RawFacts

MOST_BATCH = 1_000  # requests in one batch


class Lookup(Strict):
    """Who a buyer is, where its id is not known; an answer is given if one buyer alone fits."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["identifier"], "properties": {"identifier": {"type": "string"}}},
                {
                    "required": ["name", "country"],
                    "properties": {"name": {"type": "string"}, "country": {"type": "string"}},
                },
            ]
        }
    )

    name: Text | None = Field(None, description="registered name; legal form and accents are free")
    country: Country | None = Field(None, description="ISO 3166-1 alpha-2; goes with a name")
    identifier: Text | None = Field(None, description="VAT number, SIREN, SIRET or the like")

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.identifier is None and (self.name is None or self.country is None):
            raise ValueError("give an identifier, or a name and a country")
        return self


class ScoreRequest(Strict):
    """One question: how likely is this buyer to default, and how much may it owe us?

    Give one of `buyer_id`, a buyer of the loaded tables; `lookup`, what else is known of who it
    is; `facts`, all that is known of one.
    """

    model_config = ConfigDict(
        json_schema_extra=exactly_one(buyer_id="string", lookup="object", facts="object")
    )

    as_of_date: Day = Field(description="only what was known up to and including that day counts")
    buyer_id: Text | None = Field(None, description="a buyer of the loaded tables")
    lookup: Lookup | None = Field(None, description="or its name and country, or an identifier")
    facts: RawFacts | None = Field(None, description="or the raw facts of any buyer")
    requested_amount: Amount | None = Field(
        None, description="exposure asked for, in the policy's currency; else the need is estimated"
    )
    terms_days: Annotated[int, Field(ge=0, le=365)] | None = Field(
        None, description="payment terms asked for; else those of the buyer's invoices"
    )
    guarantee_amount: Money = Field(0.0, description="bank guarantee on first demand")
    retention_of_title: bool = Field(False, description="goods stay ours until paid")
    surety: bool = Field(False, description="a third party answers for the debt")
    top_up_amount: Amount | None = Field(
        None, description="a temporary amount asked for beside the limit"
    )
    top_up_until: Day | None = Field(None, description="last day of the temporary amount")
    language: Language = Field("en", description="of the wording")

    @model_validator(mode="after")
    def _one_buyer(self) -> Self:
        given = [one for one in (self.buyer_id, self.lookup, self.facts) if one is not None]
        if len(given) != 1:
            raise ValueError("give one of buyer_id, lookup and facts, and only one")
        return self

    @model_validator(mode="after")
    def _whole_top_up(self) -> Self:
        if (self.top_up_amount is None) != (self.top_up_until is None):
            raise ValueError("give top_up_amount and top_up_until together, or neither")
        if self.top_up_until is not None and self.top_up_until < self.as_of_date:
            raise ValueError(f"top_up_until {self.top_up_until} is before as_of_date")
        return self


class LimitRequest(ScoreRequest):
    """A request for cover: may this buyer owe us `requested_amount`, on `terms_days`?"""

    requested_amount: Amount = Field(
        description="exposure asked for at any moment, in the policy's currency"
    )


class BatchRequest(Strict):
    """Many questions at once; each is answered as if asked alone."""

    requests: Annotated[list[ScoreRequest], Field(min_length=1, max_length=MOST_BATCH)]
