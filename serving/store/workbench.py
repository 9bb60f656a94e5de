"""What people keep of their work: filters of the portfolio, and long jobs with how far they are.

What a job reads and writes are files beside the store (serving/workbench/jobs.py).
"""

import sqlalchemy as sa

from serving.store.schema import METADATA

SAVED_FILTERS = sa.Table(
    "saved_filters",
    METADATA,
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("query", sa.Text, nullable=False),  # as in the address of the page
    sa.Column("saved_at", sa.Text, nullable=False),
)

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("job_id", sa.Text, primary_key=True),  # cannot be guessed
    sa.Column("kind", sa.Text, nullable=False),  # import, scenario, draft
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("inputs", sa.Text, nullable=False),  # JSON: what was asked
    sa.Column("state", sa.Text, nullable=False),  # asked, waiting, running, done, failed
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("done", sa.BigInteger, nullable=False),
    sa.Column("total", sa.BigInteger, nullable=False),
    sa.Column("result", sa.Text),  # JSON, once done or failed
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("updated_at", sa.Text, nullable=False),
    sa.Index("jobs_by_owner", "owner", "kind", "created_at"),
)
