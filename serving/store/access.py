"""Tables of who may ask: keys of machines, accounts of people, secrets that workers share."""

import sqlalchemy as sa

from serving.store.schema import METADATA

KEYS = sa.Table(
    "keys",
    METADATA,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("permissions", sa.Text),  # space-separated; null: all of the role
    sa.Column("digest", sa.LargeBinary, nullable=False),  # SHA-256 of the 256-bit secret
    sa.Column("rate", sa.Text),  # as "1000/minute"; null: the default
    sa.Column("loopback_only", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.Text, nullable=False),  # UTC, ISO 8601, like all times here
    sa.Column("expires_at", sa.Text),
    sa.Column("revoked_at", sa.Text),
    sa.Index("keys_by_name", "name"),
)
PEOPLE = sa.Table(
    "people",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password", sa.Text),  # argon2id; null: signs in elsewhere
    sa.Column("subject", sa.Text),  # issuer and subject of OpenID Connect
    sa.Column("epoch", sa.Integer, nullable=False),  # sessions of an earlier one are over
    sa.Column("loopback_only", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),  # wrong passwords since the last right one
    sa.Column("locked_until", sa.Text),
    sa.Column("created_at", sa.Text, nullable=False),
    sa.Column("disabled_at", sa.Text),
    sa.Index("people_by_subject", "subject", unique=True),
)
SECRETS = sa.Table(
    "secrets",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)
