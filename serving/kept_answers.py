"""What is told of the past, of buyers and of the model in force."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from serving.answers import Decision, LimitDecision, StandingOverride
from serving.cursor import Page

Operation = Literal["score", "limits"]


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
