"""Alembic runs this: migrations go through the connection that the store hands over."""

from alembic import context

import serving.store.access  # noqa: F401  its tables
from serving.store.schema import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
