"""What is changed of an overdue, a claim or an override behind the store's back, the audit finds;
on SQLite and PostgreSQL."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.access.caller import Caller
from serving.declarations.events import Event, Review, declare, review
from serving.declarations.overrides import ModelValues, OverrideRequest, set_override, withdraw
from serving.store.changes import CHANGES, CHANGES_HEAD
from serving.store.declarations import DECLARATIONS, OVERRIDES
from serving.store.entry import Tampered
from serving.store.store import Store

ROOT = Path(__file__).parents[3]
ANA = Caller("ana", "underwriter", "person")
DAY = date(2025, 6, 30)
EVENT = Event(buyer_id="B1", event_date=date(2025, 5, 1), known_on=DAY, amount=500.0)
OVERRIDE = OverrideRequest(
    buyer_id="B1", limit=1e5, grade=None, reason="x", valid_from=DAY, expires_on=DAY
)
DROPS = {
    "sqlite": ("DROP TRIGGER changes_no_update", "DROP TRIGGER changes_no_delete"),
    "postgresql": ("DROP TRIGGER changes_append_only ON changes",),
}


@pytest.fixture
def store(real_store: Store) -> Store:
    """An overdue; a claim, reviewed; an override, withdrawn, and one in force."""
    with real_store.writing() as connection:
        declare(EVENT, "overdue_declared", ANA, "EUR", connection)
        claim = declare(EVENT, "claim", ANA, "EUR", connection)
        review(claim.declaration_id, Review(validity="valid"), ANA, connection)
        model = ModelValues(1.0, "5", 0.01, "m")
        kept = set_override(OVERRIDE, model, ANA, connection)
        withdraw(kept.override_id, ANA, connection)
        set_override(OVERRIDE, model, ANA, connection)
    head = real_store.verify()
    assert (head.sequence, head.changes and head.changes.sequence) == (0, 6)
    return real_store


def _tampered(store: Store, *statements: sa.Executable | str) -> str:
    with store.writing() as connection:
        for one in statements:
            connection.execute(sa.text(one) if isinstance(one, str) else one)
    with pytest.raises(Tampered) as raised:
        store.verify()
    return str(raised.value)


@pytest.mark.parametrize("table", [DECLARATIONS, OVERRIDES], ids=lambda table: table.name)
def test_every_edited_column_is_found(store: Store, table: sa.Table) -> None:
    others = {str: "other", float: 9.5, int: 99, bool: True}
    for column in table.c:
        with store.writing() as connection:
            first = sa.select(column).order_by(table.c.sequence).limit(1)
            old = connection.execute(first).scalar_one()
            number = connection.execute(sa.select(sa.func.min(table.c.sequence))).scalar_one()
        edit = sa.update(table).where(table.c.sequence == number)
        assert _tampered(store, edit.values({column.name: others[column.type.python_type]}))
        where = table.c.sequence == (99 if column.name == "sequence" else number)
        with store.writing() as connection:
            connection.execute(sa.update(table).where(where).values({column.name: old}))
        store.verify()


def test_a_removed_row_and_an_added_one_are_found(store: Store) -> None:
    with store.reading() as connection:
        row = dict(connection.execute(sa.select(OVERRIDES)).first()._mapping)
    added = sa.insert(OVERRIDES).values({**row, "sequence": 77, "override_id": "mine"})
    assert "override mine was added" in _tampered(store, added)
    gone = sa.delete(OVERRIDES).where(OVERRIDES.c.override_id == "mine")
    claim = sa.delete(DECLARATIONS).where(DECLARATIONS.c.kind == "claim")
    assert "of declarations was removed" in _tampered(store, gone, claim)


def test_a_row_and_its_note_changed_alike_are_found(store: Store) -> None:
    with store.writing() as connection:
        for statement in DROPS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        content = connection.execute(sa.select(CHANGES.c.content)).scalars().first()
    amount = sa.update(DECLARATIONS).where(DECLARATIONS.c.sequence == 1).values(amount=5.0)
    alike = sa.update(CHANGES).where(CHANGES.c.sequence == 1)
    forged = alike.values(content=content.replace(b"500.0", b"5.0"))
    assert "(number 1) was changed" in _tampered(store, amount, forged)


def test_a_cut_tail_is_found_also_with_its_head_by_who_noted_that(store: Store) -> None:
    noted = store.head()
    with store.writing() as connection:
        for statement in DROPS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        last = sa.select(OVERRIDES.c.override_id).order_by(OVERRIDES.c.sequence.desc())
        override_id = connection.execute(last).scalars().first()
        before = sa.select(CHANGES.c.hash).where(CHANGES.c.sequence == 5)
        end = connection.execute(before).scalar_one()
    cut = (
        sa.delete(OVERRIDES).where(OVERRIDES.c.override_id == override_id),
        sa.delete(CHANGES).where(CHANGES.c.sequence == 6),
    )
    assert "chain of changes ends at 5, not at 6" in _tampered(store, *cut)
    with store.writing() as connection:
        connection.execute(sa.update(CHANGES_HEAD).values(sequence=5, hash=end))
    assert store.verify() != noted
    with pytest.raises(Tampered, match="6 were noted"):
        store.verify(noted)


def test_the_database_refuses_to_change_what_was_noted(store: Store) -> None:
    for statement in (sa.update(CHANGES).values(content=b""), sa.delete(CHANGES)):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            store.writing() as connection,
        ):
            connection.execute(statement)


DECLARE = """
import sys
from tests.serving.store.test_changes import ANA, EVENT, declare
from serving.store.store import Store
store = Store(sys.argv[1])
for number in range(40):
    with store.writing() as connection:
        declare(EVENT, "claim", ANA, "EUR", connection)
store.close()
"""


@pytest.mark.slow
def test_several_processes_note_in_one_chain(address: str) -> None:
    command = [sys.executable, "-c", DECLARE, address]
    workers = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    store = Store(address)
    head = store.verify()
    assert head.changes is not None and head.changes.sequence == 120
    store.close()
