"""What the buyer could change, as it is answered."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from serving.answers import Reason


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
