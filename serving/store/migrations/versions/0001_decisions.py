"""Decisions, append-only and chained by hash."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TEXTS = (
    "decision_id",
    "decided_at",
    "caller",
    "buyer_id",
    "as_of_date",
    "model_version",
    "policy_version",
    "data_version",
)
BYTES = ("request", "features", "answer", "hash")
APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions "
        "BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END",
        "CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions "
        "BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION decisions_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'decisions are append-only'; END $$",
        "CREATE TRIGGER decisions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON decisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION decisions_append_only()",
    ),
}


def upgrade() -> None:
    """Nothing where the tables are there already: stores older than migrations have them."""
    connection = op.get_bind()
    if sa.inspect(connection).has_table("decisions"):
        return
    op.create_table(
        "decisions",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in TEXTS),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in BYTES),
    )
    op.create_index("decisions_by_id", "decisions", ["decision_id"], unique=True)
    op.create_index("decisions_by_buyer", "decisions", ["buyer_id", "sequence"])
    head = op.create_table(
        "chain_head",
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.bulk_insert(head, [{"sequence": 0, "hash": bytes(32)}])
    for statement in APPEND_ONLY[connection.dialect.name]:
        op.execute(statement)
