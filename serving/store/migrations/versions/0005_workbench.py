"""What people keep of their work: saved filters, jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Both tables are new."""
    op.create_table(
        "saved_filters",
        sa.Column("owner", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("saved_at", sa.Text, nullable=False),
    )
    texts = ("kind", "owner", "title", "inputs", "state", "step")
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in texts),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("done", "total")),
        sa.Column("result", sa.Text),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("created_at", "updated_at")),
    )
    op.create_index("jobs_by_owner", "jobs", ["owner", "kind", "created_at"])
