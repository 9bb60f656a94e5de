"""What is answered: pydantic models, the source of the OpenAPI document."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field


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
