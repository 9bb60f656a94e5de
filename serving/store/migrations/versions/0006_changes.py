"""The chain of what was declared and overridden; it begins with what there is already."""

import sqlalchemy as sa
from alembic import op

from serving.store.changes import IDENTIFIED, note
from serving.store.declarations import DECLARATIONS, OVERRIDES
from serving.store.record import GENESIS

revision = "0006"
down_revision = "0005"

APPEND_ONLY = {
    "sqlite": (
        "CREATE TRIGGER changes_no_update BEFORE UPDATE ON changes "
        "BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END",
        "CREATE TRIGGER changes_no_delete BEFORE DELETE ON changes "
        "BEGIN SELECT RAISE(ABORT, 'changes are append-only'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION changes_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'changes are append-only'; END $$",
        "CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON changes "
        "FOR EACH STATEMENT EXECUTE FUNCTION changes_append_only()",
    ),
}


def upgrade() -> None:
    """Both tables are new."""
    op.create_table(
        "changes",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("of_table", "row_id")),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in ("content", "hash")),
    )
    head = op.create_table(
        "changes_head",
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.bulk_insert(head, [{"sequence": 0, "hash": GENESIS}])
    connection = op.get_bind()
    for table in (DECLARATIONS, OVERRIDES):
        rows = sa.select(*IDENTIFIED[table]).order_by(table.c.sequence)
        for (row_id,) in connection.execute(rows).all():
            note(connection, table, row_id)
    for statement in APPEND_ONLY[connection.dialect.name]:
        op.execute(statement)
