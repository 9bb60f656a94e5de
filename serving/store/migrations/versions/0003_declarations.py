"""What callers declare and decide: idempotency keys, overdues, claims, overrides, referrals."""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Nothing yet."""
