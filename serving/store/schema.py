"""The store's tables as they are now; migrations bring any older store up to them."""

from pathlib import Path

import sqlalchemy as sa

METADATA = sa.MetaData()
HEAD_REVISION = "0007"
MIGRATIONS = Path(__file__).with_name("migrations")


def migrate(connection: sa.Connection) -> None:
    """Bring the store to the newest revision, within the transaction of `connection`."""
    if _revision(connection) == HEAD_REVISION:
        return  # alembic costs a worker some tenths of a second
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(MIGRATIONS))
    command.upgrade(config, "head")


def _revision(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
