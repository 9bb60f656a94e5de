"""Migrations bring an empty store, and one older than migrations, to the schema of the code."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from serving.store import access, changes, surveillance, workbench  # noqa: F401  their tables
from serving.store.record import DECISIONS, GENESIS, Head, Record
from serving.store.schema import HEAD_REVISION, METADATA, MIGRATIONS, migrate
from serving.store.store import Store


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


OLDER = (
    "CREATE TABLE decisions (sequence BIGINT PRIMARY KEY, decision_id TEXT NOT NULL, "
    "decided_at TEXT NOT NULL, caller TEXT NOT NULL, buyer_id TEXT NOT NULL, "
    "as_of_date TEXT NOT NULL, model_version TEXT NOT NULL, policy_version TEXT NOT NULL, "
    "data_version TEXT NOT NULL, request BLOB NOT NULL, features BLOB NOT NULL, "
    "answer BLOB NOT NULL, hash BLOB NOT NULL)",
    "CREATE TABLE chain_head (sequence BIGINT NOT NULL, hash BLOB NOT NULL)",
)
KEPT = Record("d1", "2025-07-01", "erp", "B1", "2025-06-30", "m", "p", "t", b"{}", b"ab", b"{}")


def test_a_store_older_than_migrations_keeps_its_decisions(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/store.db"
    end = KEPT.hash_after(GENESIS, 1)
    row = {name: value for name, value in vars(KEPT).items() if value is not None}
    with sa.create_engine(address).begin() as connection:
        for statement in OLDER:
            connection.exec_driver_sql(statement)
        connection.execute(sa.insert(DECISIONS).values({**row, "sequence": 1, "hash": end}))
        connection.exec_driver_sql("INSERT INTO chain_head VALUES (1, ?)", (end,))
    store = Store(address)
    assert store.verify() == Head(1, end, Head(0, GENESIS))
    assert store.find("d1") == KEPT
    store.close()
