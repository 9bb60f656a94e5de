"""What people keep of their work: saved filters, imports."""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Nothing yet."""
