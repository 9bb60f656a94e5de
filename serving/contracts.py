"""What may be asked and what is answered: pydantic models, the source of the OpenAPI document."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.explanation import Language
from serving.cursor import Page
from serving.fields import Amount, Country, Day, Money, Strict, Text, exactly_one
from serving.raw_facts import RawFacts

Operation = Literal["score", "limits"]
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


class Driver(BaseModel):
    """One feature's contribution to the log-odds of default."""

    feature: str
    topic: str
    value: float | None = Field(description="null where not known")
    unit: str
    contribution: float = Field(description="log-odds; positive raises the default probability")
    wording: str


class TopicEffect(BaseModel):
    """What one family of features does, in log-odds, in probability and in money."""

    topic: str
    label: str
    log_odds: float
    probability_effect: float
    limit_effect: float
    capacity_effect: float


class Reason(BaseModel):
    """Why less than asked was granted, or why a person must decide."""

    code: str
    text: str


class Condition(BaseModel):
    """What the supplier could ask of the buyer, tried through the engine."""

    kind: str
    value: float
    unit: str
    limit: float = Field(description="that the engine then yields")
    needed: float = Field(description="exposure then needed")
    covers: bool = Field(description="whether the one covers the other")
    text: str


class InForce(BaseModel):
    """The limit in force on the day, over all suppliers, and what becomes of it."""

    limit: float | None = Field(description="null: none is in force")
    since: date | None
    change: Literal["none", "granted", "raised", "kept", "held", "reduced", "withdrawn"] = Field(
        description="held: a raise waits until it is confirmed"
    )
    outstanding: float | None = Field(description="owed on the day; null where not known")
    covered_outstanding: float = Field(description="of it: a cut never touches deliveries made")
    available: float = Field(description="what may still be delivered within the new limit")


class TopUpAnswer(BaseModel):
    """A temporary amount beside the limit, with its own end."""

    asked: float
    granted: float
    valid_from: date
    valid_until: date
    limit_with_top_up: float


class GroupAnswer(BaseModel):
    """What the other companies of the buyer's group use of the group's cap, and what they leave."""

    group_id: str
    other_companies: int
    cap: float
    used_by_others: float
    headroom: float


class OverlayAnswer(BaseModel):
    """A judgment of the credit committee in force on the buyer's sector or country."""

    sector: str | None
    country: str | None
    factor: float
    owner: str
    reason: str
    starts: date
    expires: date


class MoneyAnswer(BaseModel):
    """What the limit, used in full, costs and earns in a year."""

    expected_loss: float
    insurer_expected_loss: float = Field(description="after insured share and deductible")
    technical_premium_rate: float | None = Field(
        description="indicative, a share of insurable turnover; null where no turnover is known"
    )
    premium_position: Literal["below", "within", "above"] | None = Field(
        description="of the usual 0.1 to 1 % of insurable turnover"
    )
    return_on_capital: float | None = Field(description="null where nothing is granted")
    sales_to_recover: float = Field(description="whose margin pays for what one default costs")
    insured_share: float
    deductible: float


class StandingOverride(BaseModel):
    """What a person set for a buyer, until it expires."""

    override_id: str
    limit: float | None
    grade: str | None
    reason: str
    set_by: str
    role: str
    valid_from: date
    expires_on: date


class AppliedOverride(StandingOverride):
    """The same in an answer, beside the model's values."""

    model_limit: float
    model_grade: str


class Decision(BaseModel):
    """The answer; every column of effects adds up.

    base_log_odds + Σ log_odds = log_odds; base_probability + Σ probability_effect =
    default_probability; base_limit + Σ limit_effect + limit_rounding + override_effect = limit;
    base_capacity + Σ capacity_effect = capacity.
    """

    decision_id: str = Field(description="under which the decision is kept")
    buyer_id: str
    as_of_date: date
    default_probability: float = Field(ge=0, le=1, description="within twelve months")
    grade: str
    log_odds: float
    base_log_odds: float
    base_probability: float
    drivers: list[Driver] = Field(description="strongest first")
    topics: list[TopicEffect]
    limit: float = Field(ge=0, description="what it may owe at any moment")
    base_limit: float
    limit_rounding: float
    capacity: float = Field(
        description="what we would risk on the buyer, whatever it needs: least of such candidates"
    )
    base_capacity: float
    currency: str
    requested_amount: float | None
    decision: Literal["full", "partial", "refused", "referred"]
    reasons: list[Reason]
    binding_constraint: str = Field(description="the candidate that is least")
    candidates: dict[str, float | None] = Field(description="null: does not apply, or not known")
    in_force: InForce
    top_up: TopUpAnswer | None = Field(description="null where none was asked for")
    group: GroupAnswer | None = Field(description="null where the buyer is in no known group")
    overlays: list[OverlayAnswer]
    conditions: list[Condition]
    expected_loss: float
    money: MoneyAnswer
    flags: list[str] = Field(description="thin_file, no_accounts, stale_accounts, …")
    valid_from: date
    valid_until: date
    review_on: date
    model_version: str
    policy_version: str
    policy_digest: str = Field(description="SHA-256 of the policy's numbers")
    overrides: list[AppliedOverride] = Field(description="of people, in force on that day")
    override_effect: float = Field(description="what they add to the model's limit")


class LimitDecision(BaseModel):
    """What may be owed, until when, and on what conditions."""

    decision_id: str = Field(description="under which the decision is kept")
    buyer_id: str
    as_of_date: date
    decision: Literal["full", "partial", "refused", "referred"]
    amount: float = Field(ge=0, description="granted; 0 while a person has yet to decide")
    limit: float = Field(ge=0, description="what the engine, or a person, holds to be right")
    currency: str
    requested_amount: float
    grade: str
    default_probability: float = Field(ge=0, le=1, description="within twelve months")
    binding_constraint: str
    reasons: list[Reason]
    conditions: list[Condition] = Field(description="ways to what was asked, tried by the engine")
    in_force: InForce
    top_up: TopUpAnswer | None = Field(description="null where none was asked for")
    expected_loss: float
    overrides: list[AppliedOverride]
    flags: list[str]
    valid_from: date
    valid_until: date
    review_on: date
    model_version: str
    policy_version: str
    policy_digest: str


class FieldFault(BaseModel):
    """What is wrong with one field, and what to do."""

    field: str
    value: str
    remedy: str


class Candidate(BaseModel):
    """A buyer that may be the one meant."""

    buyer_id: str
    name: str
    country: str
    confidence: float = Field(ge=0, le=1, description="1: the same identifier, or the same name")
    matched_on: Literal["identifier", "name"]


class Change(BaseModel):
    """One lever of a counterfactual: what the buyer does, and the feature that shows it."""

    lever: str
    feature: str
    unit: str
    steps: int
    old: float | None
    new: float | None


class Counterfactual(BaseModel):
    """The smallest change along one lever, or two pulled together, and what scoring again gives."""

    lever: str
    reaches: list[Literal["grade", "request"]]
    changes: list[Change]
    text: str
    default_probability: float = Field(ge=0, le=1)
    grade: str
    limit: float = Field(ge=0, description="set anew: not held back by one in force")


class CounterfactualAnswer(BaseModel):
    """What the buyer could change to gain a grade or have the request covered."""

    buyer_id: str
    as_of_date: date
    counterfactuals: list[Counterfactual]
    reason: Reason | None = Field(description="why there is none; null where there are some")
    model_version: str
    policy_version: str


class Buyer(BaseModel):
    """Who the loaded tables say a buyer is; "" where they do not."""

    buyer_id: str
    name: str
    country: str
    sector: str
    legal_form: str
    entity_type: str
    group_id: str


class PastDecision(BaseModel):
    """One line of a buyer's history; `/v1/decisions/{decision_id}` has it whole."""

    decision_id: str
    decided_at: datetime
    caller: str
    operation: Operation
    as_of_date: date
    default_probability: float
    grade: str
    limit: float
    decision: str
    model_version: str
    policy_version: str


class BuyerHistory(BaseModel):
    """A buyer, the latest answer on it, and what was decided before."""

    buyer: Buyer | None = Field(description="null where the loaded tables have no such buyer")
    latest: Decision | LimitDecision | None = Field(description="the last answer, as it was given")
    overrides: list[StandingOverride]
    decisions: Page[PastDecision]


class ProblemDocument(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldFault]
    candidates: list[Candidate] = Field([], description="the buyers that may be meant, if several")


class BatchAnswer(BaseModel):
    """Answers in the order of the requests; one that cannot be answered is a problem."""

    answers: list[Decision | ProblemDocument]


class KeptDecision(BaseModel):
    """A decision as it was kept, with the versions it was made with."""

    decision_id: str
    decided_at: str
    caller: str
    operation: Operation | None
    data_version: str
    model_version: str
    policy_version: str
    code_version: str | None
    request: dict[str, Any]
    answer: Decision | LimitDecision


class ReplayAnswer(BaseModel):
    """A past decision made again, from the model and the facts it was made from."""

    decision_id: str
    identical: bool = Field(description="whether both answers are the same, byte for byte")
    explanation: str
    code_version: str | None = Field(description="of the code that decided")
    code_version_now: str
    answer: Decision | LimitDecision = Field(description="made again")


class ServedModel(BaseModel):
    """What answers now."""

    model_version: str
    policy_version: str
    data_version: str
    served_since: str
    buyers: int
    last_known_day: date
    validation: dict[str, Any] | None = Field(
        description="verdict and checks of its validation report; null where it has none"
    )
    metadata: dict[str, Any] = Field(description="how it was trained and validated")
