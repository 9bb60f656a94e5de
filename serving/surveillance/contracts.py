"""Alerts as the API gives them, and what may be done about them."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from serving.fields import Day, Strict, Text

State = Literal["open", "assigned", "snoozed", "acknowledged"]


class Words(BaseModel):
    """A text in both languages."""

    en: str
    fr: str


class AdvisedAction(Words):
    """What to do."""

    code: str


class BuyerState(BaseModel):
    """A buyer in one run; null where unknown or, as the use of a limit of 0, without bound."""

    as_of_date: str
    default_probability: float | None
    log_odds: float | None
    grade: str
    limit_in_force: float | None
    limit_use: float | None
    open_amount: float | None
    overdue_amount: float | None
    expected_loss: float | None
    accounts_age_months: float | None


class TopicChange(BaseModel):
    """What a topic moved the log-odds by."""

    topic: str
    label: Words
    log_odds: float


class Change(BaseModel):
    """From the run before: model + Σ topics = log_odds."""

    log_odds: float
    model: float = Field(description="change of the base; 0 while the model is the same")
    model_changed: bool
    topics: list[TopicChange]


class Alert(BaseModel):
    """One alert: everything that fired on a buyer in a run, and how it stands."""

    alert_id: str
    sequence: int
    run_id: str
    raised_at: str
    as_of_date: str
    buyer_id: str | None = Field(description="null: about the tables as a whole")
    name: str | None
    kind: str = Field(description="the gravest of `rules`")
    rules: list[str]
    before: BuyerState | None
    after: BuyerState | None
    limit_proposed: float | None = Field(None, description="the raise that waits to be confirmed")
    currency: str | None
    change: Change | None
    text: Words
    action: AdvisedAction
    state: State
    assignee: str | None
    snoozed_until: str | None


class AlertAction(BaseModel):
    """What someone did about an alert."""

    at: str
    caller: str
    action: str
    detail: str | None


class AlertHistory(Alert):
    """One alert, and what was done about it."""

    actions: list[AlertAction]


class Snooze(Strict):
    """Hide an alert until a day."""

    until: Day


class Assign(Strict):
    """Give an alert to someone."""

    to: Annotated[Text, Field(description="who takes care of it")]
