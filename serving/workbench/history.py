"""What was decided of a buyer, by whom and when: answers kept, overrides, referrals."""

from typing import Any

import orjson
import sqlalchemy as sa

from serving.store.declarations import OVERRIDES, REFERRALS
from serving.store.store import Store

MOST = 6


def history(store: Store, buyer_id: str) -> list[dict[str, Any]]:
    """The last things decided, latest first: `kind` (decision, override, withdrawal, referral,
    verdict), `at`, `by`, and what it says."""
    told = [
        {
            "kind": "decision",
            "at": record.decided_at,
            "by": record.caller,
            "id": record.decision_id,
            **orjson.loads(record.answer),
        }
        for record in store.of_buyer(buyer_id, MOST)
    ]
    with store.reading() as connection:
        for row in _last(connection, OVERRIDES, buyer_id):
            told.append({"kind": "override", "at": row["set_at"], "by": row["set_by"], **row})
            if row["withdrawn_at"]:
                ended = {"at": row["withdrawn_at"], "by": row["withdrawn_by"]}
                told.append({"kind": "withdrawal", **ended, **row})
        for row in _last(connection, REFERRALS, buyer_id):
            told.append({"kind": "referral", "at": row["opened_at"], "by": "", **row})
    return sorted(told, key=lambda one: str(one["at"])[:19], reverse=True)[:MOST]


def _last(connection: sa.Connection, table: sa.Table, buyer_id: str) -> list[dict[str, Any]]:
    query = (
        sa.select(table)
        .where(table.c.buyer_id == buyer_id)
        .order_by(table.c.sequence.desc())
        .limit(MOST)
    )
    return [dict(row._mapping) for row in connection.execute(query)]
