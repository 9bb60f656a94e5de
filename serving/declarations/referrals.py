"""Referrals: decisions that a person must take, in the order they came, each with its clock.

A buyer has one open referral at most; further decisions on it wait for the same. Who decides sets
a limit, which is in force as an override from then on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from uuid import uuid4

import sqlalchemy as sa

from serving.store.declarations import REFERRALS

PROMISED = timedelta(hours=24)


@dataclass(frozen=True)
class Referred:
    """A decision that waits for a person."""

    decision_id: str
    buyer_id: str
    as_of_date: str
    requested_amount: float | None
    model_limit: float
    model_grade: str

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
        )


def open_referrals(referred: Sequence[Referred], connection: sa.Connection) -> None:
    """Queue what a person must decide; the caller holds the right to write."""
    now = datetime.now(UTC)
    for one in referred:
        waiting = sa.update(REFERRALS).where(
            REFERRALS.c.buyer_id == one.buyer_id, REFERRALS.c.state == "open"
        )
        joins = {**vars(one), "decisions": REFERRALS.c.decisions + 1}
        if connection.execute(waiting.values(joins)).rowcount:
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
