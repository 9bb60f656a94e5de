"""Referrals: decisions that a person must take, in the order they came, each with its clock.

A buyer has one open referral at most; further decisions on it wait for the same. Who decides sets
a limit, which is in force as an override from then on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, Self
from uuid import uuid4

import numpy as np
import sqlalchemy as sa
from pydantic import BaseModel, Field

from serving.access.caller import Caller
from serving.declarations.overrides import (
    KeptOverride,
    ModelValues,
    OverrideRequest,
    set_override,
)
from serving.fields import Day, Money, Note, Strict
from serving.problems import Problem, field_problem
from serving.store import changes
from serving.store.declarations import REFERRALS
from serving.store.record import HEAD

PROMISED = timedelta(hours=24)
State = Literal["open", "decided"]


@dataclass(frozen=True)
class Referred:
    """A decision that waits for a person."""

    decision_id: str
    buyer_id: str
    as_of_date: str
    requested_amount: float | None
    model_limit: float
    model_grade: str
    model_default_probability: float
    model_version: str

    @classmethod
    def of(cls, decision_id: str, said: Mapping[str, Any]) -> Self:
        """What the answer `said` says of it."""
        return cls(
            decision_id,
            said["buyer_id"],
            said["as_of_date"],
            said["requested_amount"],
            said["limit"],
            said["grade"],
            said["default_probability"],
            said["model_version"],
        )


class Verdict(Strict):
    """What a person decides of a referral: the limit, 0 to refuse, and why."""

    limit: Money
    reason: Note
    valid_from: Day | None = Field(None, description="default: the as_of_date of the decision")
    expires_on: Day = Field(description="last as_of_date on which it is in force")


class Referral(BaseModel):
    """A decision that waits, or waited, for a person, and its clock."""

    referral_id: str
    buyer_id: str
    as_of_date: date
    decision_id: str = Field(description="the last decision that waits for it")
    decisions: int = Field(description="how many decisions wait for it")
    requested_amount: float | None
    model_limit: float
    model_grade: str
    model_default_probability: float
    model_version: str
    opened_at: datetime
    due_at: datetime = Field(description="24 hours after it was opened")
    state: State
    age_hours: float = Field(description="since it was opened, until decided or now")
    overdue: bool = Field(description="whether that is past due_at")
    limit: float | None
    reason: str | None
    override_id: str | None
    decided_at: datetime | None
    decided_by: str | None
    role: str | None


class Clock(BaseModel):
    """How fast people decide what the engine may not."""

    decisions: int = Field(description="all that were kept")
    automatic_share: float | None = Field(description="of decisions, those without a person")
    open: int
    open_overdue: int
    decided: int
    decided_late: int
    age_p50_hours: float | None = Field(description="of all referrals, decided or not")
    age_p95_hours: float | None


def open_referrals(referred: Sequence[Referred], connection: sa.Connection) -> None:
    """Queue what a person must decide; the caller holds the right to write."""
    now = datetime.now(UTC)
    for one in referred:
        if joined := waiting(connection, one.buyer_id):
            joins = {**vars(one), "decisions": REFERRALS.c.decisions + 1}
            this = REFERRALS.c.referral_id == joined
            connection.execute(sa.update(REFERRALS).where(this).values(joins))
            changes.note(connection, REFERRALS, joined)
            continue
        last = sa.select(sa.func.coalesce(sa.func.max(REFERRALS.c.sequence), 0))
        row = {
            **vars(one),
            "sequence": int(connection.execute(last).scalar_one()) + 1,
            "referral_id": str(uuid4()),
            "decisions": 1,
            "opened_at": now.isoformat(timespec="seconds"),
            "due_at": (now + PROMISED).isoformat(timespec="seconds"),
            "state": "open",
        }
        connection.execute(sa.insert(REFERRALS).values(row))
        changes.note(connection, REFERRALS, row["referral_id"])


def waiting(connection: sa.Connection, buyer_id: str) -> str | None:
    """The referral of that buyer that waits for a person."""
    its = (REFERRALS.c.buyer_id == buyer_id) & (REFERRALS.c.state == "open")
    return connection.execute(sa.select(REFERRALS.c.referral_id).where(its)).scalar()


def decide_referral(
    referral_id: str, verdict: Verdict, caller: Caller, connection: sa.Connection
) -> KeptOverride:
    """Close a referral with a person's limit, which is an override of the model's.

    Raises Problem where there is none of that id, or it is decided.
    """
    found = referral(connection, referral_id)
    if found.state == "decided":
        raise Problem(
            "already-decided",
            f"{found.decided_by} decided {referral_id} at {found.decided_at}",
        )
    starts = verdict.valid_from or found.as_of_date
    if verdict.expires_on < starts:
        raise field_problem("expires_on", verdict.expires_on, f"is before the first day, {starts}")
    request = OverrideRequest(
        buyer_id=found.buyer_id,
        limit=verdict.limit,
        grade=None,
        reason=verdict.reason,
        valid_from=starts,
        expires_on=verdict.expires_on,
    )
    kept = set_override(request, _model_values(found), caller, connection, referral_id)
    decided = {
        "state": "decided",
        "limit": verdict.limit,
        "reason": verdict.reason,
        "override_id": kept.override_id,
        "decided_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "decided_by": caller.name,
        "role": caller.role,
    }
    this = REFERRALS.c.referral_id == referral_id
    connection.execute(sa.update(REFERRALS).where(this).values(decided))
    changes.note(connection, REFERRALS, referral_id)
    return kept


def _model_values(waiting: Referral) -> ModelValues:
    return ModelValues(**{name: getattr(waiting, name) for name in ModelValues._fields})


def referral(connection: sa.Connection, referral_id: str) -> Referral:
    """The referral of that id. Raises Problem."""
    found = sa.select(REFERRALS).where(REFERRALS.c.referral_id == referral_id)
    row = connection.execute(found).first()
    if row is None:
        raise Problem("unknown-referral", f"no referral {referral_id!r}; see the list")
    return referral_of(row)


def referral_of(row: sa.Row) -> Referral:
    """A row of REFERRALS as the API shows it, its clock as of now."""
    age = _ages([row])[0]
    late = _end(row) > datetime.fromisoformat(row.due_at)
    return Referral.model_validate({**row._mapping, "age_hours": age, "overdue": late})


def clock(connection: sa.Connection) -> Clock:
    """Figures of the whole queue, as of now."""
    rows = connection.execute(sa.select(REFERRALS)).all()
    decisions = int(connection.execute(sa.select(HEAD.c.sequence)).scalar_one())
    late = [row.state for row in rows if _end(row) > datetime.fromisoformat(row.due_at)]
    states = [row.state for row in rows]
    p50, p95 = np.quantile(_ages(rows), [0.5, 0.95]).tolist() if rows else (None, None)
    referred = sum(row.decisions for row in rows)
    return Clock(
        decisions=decisions,
        automatic_share=1 - referred / decisions if decisions else None,
        open=states.count("open"),
        open_overdue=late.count("open"),
        decided=states.count("decided"),
        decided_late=late.count("decided"),
        age_p50_hours=p50,
        age_p95_hours=p95,
    )


def _end(row: sa.Row) -> datetime:
    return datetime.fromisoformat(row.decided_at) if row.decided_at else datetime.now(UTC)


def _ages(rows: Sequence[sa.Row]) -> list[float]:
    hour = timedelta(hours=1)
    return [(_end(row) - datetime.fromisoformat(row.opened_at)) / hour for row in rows]
