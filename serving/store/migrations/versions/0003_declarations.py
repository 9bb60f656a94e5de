"""What callers declare and decide; what decisions were made from; idempotency keys."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

LATER = {
    "operation": sa.Text,
    "code_version": sa.Text,
    "bundle": sa.Text,
    "shared": sa.Text,
    "facts": sa.Text,
    "context": sa.LargeBinary,
    "drivers": sa.LargeBinary,
}
APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER archive_no_update BEFORE UPDATE ON archive "
        "BEGIN SELECT RAISE(ABORT, 'the archive is append-only'); END",
        "CREATE TRIGGER archive_no_delete BEFORE DELETE ON archive "
        "BEGIN SELECT RAISE(ABORT, 'the archive is append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION archive_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the archive is append-only'; END $$",
        "CREATE TRIGGER archive_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON archive "
        "FOR EACH STATEMENT EXECUTE FUNCTION archive_append_only()",
    ),
}


def upgrade() -> None:
    """Decisions kept before stay as they are: the new columns are null in them."""
    for name, kind in LATER.items():
        op.add_column("decisions", sa.Column(name, kind))
    op.add_column(
        "chain_head", sa.Column("revision", sa.BigInteger, nullable=False, server_default="0")
    )
    op.create_table(
        "archive",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)
    op.create_table(
        "idempotency",
        sa.Column("caller", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.LargeBinary, nullable=False),
        sa.Column("kept_at", sa.Text, nullable=False),
    )
    _create_declarations()
    _create_overrides()
    _create_referrals()


def _create_declarations() -> None:
    op.create_table(
        "declarations",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        *_texts("declaration_id", "kind", "buyer_id"),
        *_texts("supplier_id", "invoice_id", nullable=True),
        *_texts("event_date", "known_on"),
        sa.Column("amount", sa.Double, nullable=False),
        *_texts("currency"),
        sa.Column("disputed", sa.Boolean, nullable=False),
        *_texts("validity"),
        *_texts("note", nullable=True),
        *_texts("declared_at", "declared_by"),
        *_texts("reviewed_at", "reviewed_by", nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    _index("declarations", "declaration_id", "buyer_id")
    op.create_index("declarations_by_revision", "declarations", ["revision"])


def _create_overrides() -> None:
    op.create_table(
        "overrides",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        *_texts("override_id", "buyer_id"),
        sa.Column("limit", sa.Double),
        *_texts("grade", nullable=True),
        *_texts("reason", "valid_from", "expires_on"),
        sa.Column("model_limit", sa.Double, nullable=False),
        *_texts("model_grade"),
        sa.Column("model_default_probability", sa.Double, nullable=False),
        *_texts("model_version"),
        *_texts("referral_id", nullable=True),
        *_texts("set_at", "set_by", "role"),
        *_texts("withdrawn_at", "withdrawn_by", nullable=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
    )
    _index("overrides", "override_id", "buyer_id")
    op.create_index("overrides_by_revision", "overrides", ["revision"])


def _create_referrals() -> None:
    op.create_table(
        "referrals",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        *_texts("referral_id", "buyer_id", "as_of_date", "decision_id"),
        sa.Column("decisions", sa.BigInteger, nullable=False),
        sa.Column("requested_amount", sa.Double),
        sa.Column("model_limit", sa.Double, nullable=False),
        *_texts("model_grade"),
        sa.Column("model_default_probability", sa.Double, nullable=False),
        *_texts("model_version", "opened_at", "due_at", "state"),
        sa.Column("limit", sa.Double),
        *_texts("reason", "override_id", "decided_at", "decided_by", "role", nullable=True),
    )
    _index("referrals", "referral_id", "buyer_id", "state")


def _texts(*names: str, nullable: bool = False) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _index(table: str, identifier: str, *others: str) -> None:
    op.create_index(f"{table}_by_id", table, [identifier], unique=True)
    for column in others:
        name = column.removesuffix("_id")
        op.create_index(f"{table}_by_{name}", table, [column, "sequence"])
