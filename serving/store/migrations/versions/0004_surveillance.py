"""Runs of surveillance, alerts and what was done about them, the outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Five tables, empty."""
    op.create_table(
        "surveillance_runs",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("run_id", sa.Text, nullable=False, unique=True),
        *_texts("as_of_date", "inputs", "model_version"),
        sa.Column("previous", sa.Text),
        *_texts("started_at"),
        *(sa.Column(name, sa.Text) for name in ("finished_at", "summary")),
    )
    op.create_table(
        "alerts",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("alert_id", sa.Text, nullable=False, unique=True),
        *_texts("run_id"),
        sa.Column("buyer_id", sa.Text),
        *_texts("kind", "raised_at"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        *_texts("state"),
        *(sa.Column(name, sa.Text) for name in ("assignee", "snoozed_until")),
    )
    op.create_index("alerts_by_buyer", "alerts", ["buyer_id", "sequence"])
    op.create_index("alerts_by_state", "alerts", ["state", "sequence"])
    op.create_table(
        "alert_actions",
        sa.Column("alert_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        *_texts("at", "caller", "action"),
        sa.Column("detail", sa.Text),
    )
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.Text, primary_key=True),
        *_texts("url", "created_at"),
        sa.Column("removed_at", sa.Text),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Text, primary_key=True),
        *_texts("channel", "target"),
        sa.Column("content", sa.LargeBinary, nullable=False),
        *_texts("created_at", "state"),
        sa.Column("attempts", sa.Integer, nullable=False),
        *_texts("due_at"),
        sa.Column("last_error", sa.Text),
    )
    op.create_index("outbox_due", "outbox", ["state", "due_at"])


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]
