"""Migrations bring an empty store, and one older than migrations, to the schema of the code."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import serving.store.access  # noqa: F401  its tables
from serving.store.record import DECISIONS
from serving.store.schema import HEAD_REVISION, METADATA, MIGRATIONS, migrate


@pytest.fixture
def engine(tmp_path) -> sa.Engine:
    return sa.create_engine(f"sqlite:///{tmp_path}/store.db")


def test_migrations_give_the_schema_of_the_code(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        migrate(connection)
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == HEAD_REVISION


def test_the_newest_revision_is_the_one_the_code_asks_for() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD_REVISION


def test_a_store_older_than_migrations_keeps_its_decisions(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        DECISIONS.create(connection)
        row = {
            column.name: b"x" if column.type.python_type is bytes else "x" for column in DECISIONS.c
        }
        connection.execute(sa.insert(DECISIONS).values({**row, "sequence": 1}))
        migrate(connection)
        assert connection.execute(sa.select(sa.func.count()).select_from(DECISIONS)).scalar() == 1
