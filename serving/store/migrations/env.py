"""Alembic runs this: migrations go through the connection that the store hands over."""

from alembic import context

from serving.store import (  # noqa: F401  the tables
    access,
    archive,
    changes,
    declarations,
    record,
    repeats,
    surveillance,
    workbench,
)
from serving.store.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
