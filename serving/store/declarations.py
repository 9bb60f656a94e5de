"""What callers declare and decide: overdues and claims, overrides, referrals.

`sequence` is the order of arrival and never changes; `revision` is that of the last change, so
that a worker reads what is new to it.
"""

import sqlalchemy as sa

from serving.store.record import HEAD
from serving.store.schema import METADATA

DECLARATIONS = sa.Table(
    "declarations",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("declaration_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # overdue_declared or claim
    sa.Column("buyer_id", sa.Text, nullable=False),
    sa.Column("supplier_id", sa.Text),
    sa.Column("invoice_id", sa.Text),
    sa.Column("event_date", sa.Text, nullable=False),
    sa.Column("known_on", sa.Text, nullable=False),
    sa.Column("amount", sa.Double, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("disputed", sa.Boolean, nullable=False),
    sa.Column("validity", sa.Text, nullable=False),  # pending, valid or invalid
    sa.Column("note", sa.Text),
    sa.Column("declared_at", sa.Text, nullable=False),
    sa.Column("declared_by", sa.Text, nullable=False),
    sa.Column("reviewed_at", sa.Text),
    sa.Column("reviewed_by", sa.Text),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Index("declarations_by_id", "declaration_id", unique=True),
    sa.Index("declarations_by_buyer", "buyer_id", "sequence"),
    sa.Index("declarations_by_revision", "revision"),
)

OVERRIDES = sa.Table(
    "overrides",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("override_id", sa.Text, nullable=False),
    sa.Column("buyer_id", sa.Text, nullable=False),
    sa.Column("limit", sa.Double),
    sa.Column("grade", sa.Text),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("valid_from", sa.Text, nullable=False),
    sa.Column("expires_on", sa.Text, nullable=False),
    sa.Column("model_limit", sa.Double, nullable=False),
    sa.Column("model_grade", sa.Text, nullable=False),
    sa.Column("model_default_probability", sa.Double, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("referral_id", sa.Text),
    sa.Column("set_at", sa.Text, nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("withdrawn_at", sa.Text),
    sa.Column("withdrawn_by", sa.Text),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Index("overrides_by_id", "override_id", unique=True),
    sa.Index("overrides_by_buyer", "buyer_id", "sequence"),
    sa.Index("overrides_by_revision", "revision"),
)

REFERRALS = sa.Table(
    "referrals",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("referral_id", sa.Text, nullable=False),
    sa.Column("buyer_id", sa.Text, nullable=False),
    sa.Column("as_of_date", sa.Text, nullable=False),
    sa.Column("decision_id", sa.Text, nullable=False),  # the last decision that waits for it
    sa.Column("decisions", sa.BigInteger, nullable=False),  # how many do
    sa.Column("requested_amount", sa.Double),
    sa.Column("model_limit", sa.Double, nullable=False),
    sa.Column("model_grade", sa.Text, nullable=False),
    sa.Column("model_default_probability", sa.Double, nullable=False),
    sa.Column("model_version", sa.Text, nullable=False),
    sa.Column("opened_at", sa.Text, nullable=False),
    sa.Column("due_at", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # open or decided
    sa.Column("limit", sa.Double),
    sa.Column("reason", sa.Text),
    sa.Column("override_id", sa.Text),
    sa.Column("decided_at", sa.Text),
    sa.Column("decided_by", sa.Text),
    sa.Column("role", sa.Text),
    sa.Index("referrals_by_id", "referral_id", unique=True),
    sa.Index("referrals_by_state", "state", "sequence"),
    sa.Index("referrals_by_buyer", "buyer_id", "sequence"),
)


def next_revision(connection: sa.Connection) -> int:
    """A new revision of what is declared; the caller holds the right to write."""
    connection.execute(sa.update(HEAD).values(revision=HEAD.c.revision + 1))
    return last_revision(connection)


def last_revision(connection: sa.Connection) -> int:
    """The revision of what is declared by now."""
    return int(connection.execute(sa.select(HEAD.c.revision)).scalar_one())


def changed_since(connection: sa.Connection, revision: int) -> set[str]:
    """The buyers of whom anything was declared after `revision`."""
    return {
        buyer_id
        for table in (DECLARATIONS, OVERRIDES)
        for buyer_id in connection.execute(
            sa.select(table.c.buyer_id).where(table.c.revision > revision)
        ).scalars()
    }
