"""Overrides: a person's limit or grade, kept beside the model's, in force until it expires."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Self
from uuid import uuid4

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.policy import Policy
from serving.access.caller import Caller
from serving.fields import Day, Money, Note, Strict, Text, exactly_one
from serving.problems import Problem, field_problem
from serving.store import changes
from serving.store.declarations import OVERRIDES, next_revision


class OverrideRequest(Strict):
    """What a person sets for one buyer, instead of what the model says: a limit or a grade."""

    model_config = ConfigDict(json_schema_extra=exactly_one(limit="number", grade="string"))

    buyer_id: Text
    limit: Money | None = Field(None, description="what it may owe, in the policy's currency")
    grade: Text | None = Field(None, description="or a grade of the master scale")
    reason: Note = Field(description="why the person knows better")
    valid_from: Day = Field(description="first as_of_date on which it is in force")
    expires_on: Day = Field(description="last one; after it the model decides again")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.limit is None) == (self.grade is None):
            raise ValueError("give either limit or grade, and not both")
        if self.expires_on < self.valid_from:
            raise ValueError("expires_on is before valid_from")
        return self


class ModelValues(NamedTuple):
    """What the model holds of the buyer on the first day of an override."""

    model_limit: float
    model_grade: str
    model_default_probability: float
    model_version: str

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """Those in an answer."""
        names = ("limit", "grade", "default_probability", "model_version")
        return cls(*(said[name] for name in names))


class KeptOverride(BaseModel):
    """A person's value, the model's on the first day of it, and who set it and why."""

    override_id: str
    buyer_id: str
    limit: float | None
    grade: str | None
    reason: str
    valid_from: date
    expires_on: date
    model_limit: float
    model_grade: str
    model_default_probability: float
    model_version: str
    referral_id: str | None
    set_at: datetime
    set_by: str
    role: str
    withdrawn_at: datetime | None
    withdrawn_by: str | None


def check_grade(policy: Policy, grade: str | None) -> None:
    """Raise Problem where the master scale has no such grade."""
    names = policy.master_scale.names
    if grade is not None and grade not in names:
        raise field_problem("grade", grade, f"is no grade; use one of {', '.join(names)}")


def set_override(
    request: OverrideRequest,
    model: ModelValues,
    caller: Caller,
    connection: sa.Connection,
    referral_id: str | None = None,
) -> KeptOverride:
    """Keep an override of what the model holds."""
    revision = next_revision(connection)
    days = {name: str(getattr(request, name)) for name in ("valid_from", "expires_on")}
    row = {
        **request.model_dump(),
        **days,
        "sequence": revision,
        "revision": revision,
        "override_id": str(uuid4()),
        **model._asdict(),
        "referral_id": referral_id,
        "set_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "set_by": caller.name,
        "role": caller.role,
    }
    connection.execute(sa.insert(OVERRIDES).values(row))
    changes.note(connection, OVERRIDES, row["override_id"])
    return override(connection, row["override_id"])


def withdraw(override_id: str, caller: Caller, connection: sa.Connection) -> KeptOverride:
    """Let the model decide again. Raises Problem where there is none, or it was withdrawn."""
    if override(connection, override_id).withdrawn_at is not None:
        raise Problem("already-decided", f"override {override_id} was withdrawn before")
    withdrawn = {
        "withdrawn_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "withdrawn_by": caller.name,
        "revision": next_revision(connection),
    }
    this = OVERRIDES.c.override_id == override_id
    connection.execute(sa.update(OVERRIDES).where(this).values(withdrawn))
    changes.note(connection, OVERRIDES, override_id)
    return override(connection, override_id)


def override(connection: sa.Connection, override_id: str) -> KeptOverride:
    """The override of that id. Raises Problem."""
    found = sa.select(OVERRIDES).where(OVERRIDES.c.override_id == override_id)
    row = connection.execute(found).first()
    if row is None:
        raise Problem("unknown-override", f"no override {override_id!r}; see the list")
    return kept_override_of(row)


def kept_override_of(row: sa.Row) -> KeptOverride:
    """A row of OVERRIDES as the API shows it."""
    return KeptOverride.model_validate(dict(row._mapping))
