"""What surveillance keeps: its runs, the alerts and what was done about them, the outbox.

The scores of a run, a row a buyer, are no rows here: they stand in Parquet files beside the store
(serving/surveillance/snapshots.py). Instants are text, UTC in ISO 8601, of one length: their order
is that of time.
"""

from datetime import UTC, datetime

import sqlalchemy as sa

from serving.store.schema import METADATA

RUNS = sa.Table(
    "surveillance_runs",
    METADATA,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("run_id", sa.Text, nullable=False, unique=True),
    sa.Column("as_of_date", sa.Text, nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),  # digest of data, model, policy and rules
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("previous", sa.Text),  # run_id it was compared with
    sa.Column("started_at", sa.Text, nullable=False),
    sa.Column("finished_at", sa.Text),
    sa.Column("summary", sa.Text),  # JSON, once finished
)

ALERTS = sa.Table(
    "alerts",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("alert_id", sa.Text, nullable=False, unique=True),
    sa.Column("run_id", sa.Text, nullable=False),
    sa.Column("buyer_id", sa.Text),  # null: about the tables as a whole
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("raised_at", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),  # JSON, as delivered
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("assignee", sa.Text),
    sa.Column("snoozed_until", sa.Text),
    sa.Index("alerts_by_buyer", "buyer_id", "sequence"),
    sa.Index("alerts_by_state", "state", "sequence"),
)

ALERT_ACTIONS = sa.Table(
    "alert_actions",
    METADATA,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("caller", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("detail", sa.Text),
)

WEBHOOKS = sa.Table(
    "webhooks",
    METADATA,
    sa.Column("webhook_id", sa.Text, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("removed_at", sa.Text),
)

OUTBOX = sa.Table(
    "outbox",
    METADATA,
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("channel", sa.Text, nullable=False),  # webhook, email
    sa.Column("target", sa.Text, nullable=False),  # webhook_id, address
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # waiting, delivered, dead
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", sa.Text, nullable=False),  # also the end of a worker's lease
    sa.Column("last_error", sa.Text),
    sa.Index("outbox_due", "state", "due_at"),
)


def instant(at: datetime) -> str:
    """A moment as the store keeps it.

    >>> instant(datetime(2025, 1, 1, tzinfo=UTC))
    '2025-01-01T00:00:00.000+00:00'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def now() -> datetime:
    """The wall clock, to stamp records with."""
    return datetime.now(UTC)
