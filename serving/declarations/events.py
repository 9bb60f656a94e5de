"""Overdues and claims, as they are declared and reviewed."""

from datetime import UTC, date, datetime
from typing import Literal, Self
from uuid import uuid4

import sqlalchemy as sa
from pydantic import BaseModel, Field, model_validator

from serving.access.caller import Caller
from serving.fields import Amount, Currency, Day, Note, Strict, Text
from serving.problems import Problem, field_problem
from serving.store import changes
from serving.store.declarations import DECLARATIONS, next_revision

Kind = Literal["overdue_declared", "claim"]
Validity = Literal["pending", "valid", "invalid"]


class Event(Strict):
    """An overdue or a claim, as the supplier declares it."""

    buyer_id: Text = Field(description="who failed to pay")
    supplier_id: Text | None = Field(None, description="who was not paid")
    invoice_id: Text | None = Field(None, description="the invoice, where there is one")
    event_date: Day = Field(description="when it happened")
    known_on: Day | None = Field(None, description="when we could first know; default: today")
    amount: Amount = Field(description="at stake")
    currency: Currency | None = Field(None, description="ISO 4217; default: the policy's")
    disputed: bool = Field(False, description="the buyer contests it: then it is no default")
    note: Note | None = Field(None, description="for whoever reviews it")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.known_on is not None and self.known_on < self.event_date:
            raise ValueError("known_on is before event_date; nothing is known before it happens")
        return self


class Review(Strict):
    """What became of a declaration when it was looked into."""

    validity: Validity = Field(description="invalid: it counts no more; valid: a claim is a label")
    disputed: bool | None = Field(None, description="where that has changed")
    note: Note | None = Field(None, description="why")


class Declaration(BaseModel):
    """A declared event, and what became of it."""

    declaration_id: str
    kind: Kind
    buyer_id: str
    supplier_id: str | None
    invoice_id: str | None
    event_date: date
    known_on: date
    amount: float
    currency: str
    disputed: bool
    validity: Validity
    note: str | None
    declared_at: datetime
    declared_by: str
    reviewed_at: datetime | None
    reviewed_by: str | None


def declare(
    event: Event, kind: Kind, caller: Caller, currency: str, connection: sa.Connection
) -> Declaration:
    """Keep what is declared; `currency` is that of an amount without one. It counts as an incident
    from `known_on` on, and waits to be reviewed."""
    now = datetime.now(UTC)
    known_on = event.known_on or now.date()
    if known_on < event.event_date:
        remedy = "is still to come; declare what has happened"
        raise field_problem("event_date", event.event_date, remedy)
    revision = next_revision(connection)
    row = {
        **event.model_dump(),
        "sequence": revision,
        "revision": revision,
        "declaration_id": str(uuid4()),
        "kind": kind,
        "event_date": str(event.event_date),
        "known_on": str(known_on),
        "currency": event.currency or currency,
        "validity": "pending",
        "declared_at": now.isoformat(timespec="seconds"),
        "declared_by": caller.name,
    }
    connection.execute(sa.insert(DECLARATIONS).values(row))
    changes.note(connection, DECLARATIONS, row["declaration_id"])
    return declaration(connection, row["declaration_id"])


def review(
    declaration_id: str, review: Review, caller: Caller, connection: sa.Connection
) -> Declaration:
    """Say what became of a declaration. Raises Problem where there is none of that id."""
    declaration(connection, declaration_id)
    reviewed = review.model_dump(exclude_none=True) | {
        "reviewed_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "reviewed_by": caller.name,
        "revision": next_revision(connection),
    }
    this = DECLARATIONS.c.declaration_id == declaration_id
    connection.execute(sa.update(DECLARATIONS).where(this).values(reviewed))
    changes.note(connection, DECLARATIONS, declaration_id)
    return declaration(connection, declaration_id)


def declaration(connection: sa.Connection, declaration_id: str) -> Declaration:
    """The declaration of that id. Raises Problem."""
    found = sa.select(DECLARATIONS).where(DECLARATIONS.c.declaration_id == declaration_id)
    row = connection.execute(found).first()
    if row is None:
        raise Problem("unknown-declaration", f"no declaration {declaration_id!r}; see the lists")
    return declaration_of(row)


def declaration_of(row: sa.Row) -> Declaration:
    """A row of DECLARATIONS as the API shows it."""
    return Declaration.model_validate(dict(row._mapping))
