"""Whatever is changed behind the store's back, the audit finds; on SQLite and PostgreSQL."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
import sqlalchemy as sa

from serving.store.archive import ARCHIVE, digest_of
from serving.store.record import DECISIONS, HEAD, Entry, Head, Record, Tampered
from serving.store.store import Store

FACTS = b'{"invoices":{}}'
RECORD = Record(
    decision_id="d0",
    decided_at="2025-07-01T09:30:00.000000+00:00",
    caller="erp",
    buyer_id="B1",
    as_of_date="2025-06-30",
    model_version="m1",
    policy_version="p1",
    data_version="t1",
    request=b'{"buyer_id":"B1"}',
    features=bytes(range(256)),
    answer=b'{"limit":1}',
    operation="score",
    code_version="c1",
    facts=digest_of(FACTS),
    context=b"{}",
    drivers=bytes(8),
)
GUARDS = {
    "sqlite": (
        "DROP TRIGGER decisions_no_update",
        "DROP TRIGGER decisions_no_delete",
        "DROP TRIGGER archive_no_update",
        "DROP TRIGGER archive_no_delete",
    ),
    "postgresql": (
        "DROP TRIGGER decisions_append_only ON decisions",
        "DROP TRIGGER archive_append_only ON archive",
    ),
}
NUMBER = DECISIONS.c.sequence


@pytest.fixture
def store(real_store: Store) -> Store:
    """Four decisions, and a database that no longer guards them."""
    records = [replace(RECORD, decision_id=f"d{number}") for number in range(1, 5)]
    real_store.keep(Entry(records, {digest_of(FACTS): FACTS})).result()
    assert real_store.verify().sequence == 4
    with real_store.writing() as connection:
        for statement in GUARDS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
    return real_store


def _tampered(store: Store, tamper: Callable[[sa.Connection], object]) -> str:
    with store.writing() as connection:
        tamper(connection)
    with pytest.raises(Tampered) as raised:
        store.verify()
    return str(raised.value)


def test_an_edited_or_emptied_column_is_found(store: Store) -> None:
    for column in DECISIONS.c:
        other = {int: 9, bytes: b"other", str: "other"}[column.type.python_type]
        for value in (other, None) if column.nullable else (other,):
            with store.writing() as connection:
                old = connection.execute(sa.select(column).where(NUMBER == 2)).scalar_one()
            if value == old:
                continue  # empty already
            edit = sa.update(DECISIONS).where(NUMBER == 2).values({column.name: value})
            assert "was changed" in _tampered(store, partial(_run, edit)), column.name
            again = sa.update(DECISIONS).where(DECISIONS.c.decision_id.in_(["d2", "other"]))
            _restore(store, again.values({column.name: old}))


def _run(statement: sa.Executable, connection: sa.Connection) -> None:
    connection.execute(statement)


def _restore(store: Store, statement: sa.Executable) -> None:
    with store.writing() as connection:
        connection.execute(statement)
    assert store.verify().sequence == 4


def test_a_byte_moved_between_fields_is_found(store: Store) -> None:
    moved = {"model_version": "m", "policy_version": "1p1"}
    edit = sa.update(DECISIONS).where(NUMBER == 2).values(moved)
    assert "d2" in _tampered(store, lambda connection: connection.execute(edit))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_removed_decision_is_found(store: Store, number: int) -> None:
    removal = sa.delete(DECISIONS).where(number == NUMBER)
    assert "removed" in _tampered(store, lambda connection: connection.execute(removal))


def test_swapped_decisions_are_found(store: Store) -> None:
    def swap(connection: sa.Connection) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            connection.execute(sa.update(DECISIONS).where(old == NUMBER).values(sequence=new))

    assert "was changed" in _tampered(store, swap)


def test_a_cut_tail_is_found(store: Store) -> None:
    removal = sa.delete(DECISIONS).where(NUMBER > 2)
    assert "of decisions ends at 2" in _tampered(
        store, lambda connection: connection.execute(removal)
    )


def test_a_moved_head_is_found(store: Store) -> None:
    move = sa.update(HEAD).values(sequence=3)
    assert "of decisions ends at 4" in _tampered(store, lambda connection: connection.execute(move))


def _cut(connection: sa.Connection) -> None:
    """As one would who knows the store: the head is moved back as well."""
    last = connection.execute(sa.select(DECISIONS.c.hash).where(NUMBER == 2)).scalar_one()
    connection.execute(sa.delete(DECISIONS).where(NUMBER > 2))
    connection.execute(sa.update(HEAD).values(sequence=2, hash=last))


def test_a_tail_cut_with_its_head_is_found_by_who_noted_the_head(store: Store) -> None:
    noted = store.head()
    with store.writing() as connection:
        _cut(connection)
    assert store.verify().sequence == 2
    with pytest.raises(Tampered, match="4 were noted"):
        store.verify(noted)
    store.keep(Entry([replace(RECORD, decision_id=f"e{number}") for number in range(3)])).result()
    with pytest.raises(Tampered, match="not the one that was noted"):
        store.verify(noted)


def test_a_noted_head_holds_while_the_chain_grows(store: Store) -> None:
    noted = store.head()
    store.keep(Entry([replace(RECORD, decision_id="d5")])).result()
    assert store.verify(noted) == store.head() != noted
    with pytest.raises(Tampered, match="not the one"):
        store.verify(Head(4, b"another"))


def test_a_changed_content_is_found(store: Store) -> None:
    edit = sa.update(ARCHIVE).values(content=b"other")
    assert "was changed" in _tampered(store, lambda connection: connection.execute(edit))


def test_a_removed_content_is_found(store: Store) -> None:
    removal = sa.delete(ARCHIVE)
    assert "was removed" in _tampered(store, lambda connection: connection.execute(removal))


def test_the_database_refuses_to_change_the_archive(real_store: Store) -> None:
    real_store.keep(Entry([RECORD], {digest_of(FACTS): FACTS})).result()
    for statement in (sa.update(ARCHIVE).values(content=b""), sa.delete(ARCHIVE)):
        with (
            pytest.raises(sa.exc.DBAPIError, match="append-only"),
            real_store.writing() as connection,
        ):
            connection.execute(statement)
