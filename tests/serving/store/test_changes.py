"""What is changed of an overdue, a claim, an override, a referral or an alert behind the store's
back, the audit finds; on SQLite and PostgreSQL."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from serving.access.caller import Caller
from serving.declarations.events import Event, Review, declare, review
from serving.declarations.overrides import ModelValues, OverrideRequest, set_override, withdraw
from serving.declarations.referrals import Referred, Verdict, decide_referral, open_referrals
from serving.store import changes
from serving.store.changes import CHANGES, CHANGES_HEAD
from serving.store.declarations import DECLARATIONS, OVERRIDES, REFERRALS
from serving.store.record import GENESIS, Tampered
from serving.store.schema import migrate
from serving.store.store import Store
from serving.store.surveillance import ALERT_ACTIONS, ALERTS
from serving.surveillance.alerts import Action, act, raise_alerts

ROOT = Path(__file__).parents[3]
ANA = Caller("ana", "underwriter", "person")
DAY = date(2025, 6, 30)
EVENT = Event(buyer_id="B1", event_date=date(2025, 5, 1), known_on=DAY, amount=500.0)
OVERRIDE = OverrideRequest(
    buyer_id="B1", limit=1e5, grade=None, reason="x", valid_from=DAY, expires_on=DAY
)
REFERRED = Referred("d1", "B1", "2025-06-30", 9e5, 6e5, "4", 3e-3, "m")
VERDICT = Verdict(limit=7e5, reason="visited them", expires_on=date(2025, 12, 31))
SNOOZED = Action("snooze", "ana", "2099-01-01")
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


@pytest.fixture
def triaged(real_store: Store) -> Store:
    """A referral that two decisions waited for, decided; one that waits. An alert that was assigned
    and snoozed, one that was assigned and confirmed; one that nobody touched."""
    with real_store.writing() as connection:
        open_referrals([REFERRED, replace(REFERRED, decision_id="d2")], connection)
        first = sa.select(REFERRALS.c.referral_id)
        decide_referral(connection.execute(first).scalar_one(), VERDICT, ANA, connection)
        open_referrals([replace(REFERRED, buyer_id="B2")], connection)
    told = {"run_id": "r", "kind": "limit_raise", "rules": ["limit_raise"]}
    raised = [{"alert_id": f"a{n}", "buyer_id": f"B{n}", **told} for n in range(3)]
    raise_alerts(real_store, raised)
    with real_store.writing() as connection:
        for alert_id, last in (("a0", SNOOZED), ("a1", Action("confirm", "ana"))):
            act(connection, alert_id, Action("assign", "ana", "bob"))
            act(connection, alert_id, last)
            act(connection, alert_id, last)  # again: nothing changes, nothing is noted
    head = real_store.verify()
    assert head.changes is not None and head.changes.sequence == 3 + 1 + 1 + 2 * 2 * 2
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
    _edit_every_column(store, table)


@pytest.mark.parametrize("table", [REFERRALS, ALERTS, ALERT_ACTIONS], ids=lambda table: table.name)
def test_every_edited_column_of_what_people_triage_is_found(
    triaged: Store, table: sa.Table
) -> None:
    _edit_every_column(triaged, table)


def _edit_every_column(store: Store, table: sa.Table) -> None:
    others = {str: "other", float: 9.5, int: 99, bool: True, bytes: b"{}"}
    with store.reading() as connection:
        row = connection.execute(sa.select(table).order_by(*table.primary_key).limit(1)).one()
    key = {column: row._mapping[column] for column in table.primary_key}
    for column in table.c:
        other = {column.name: others[column.type.python_type]}
        assert _tampered(store, sa.update(table).where(_is(key)).values(other))
        edited = {**key, column: other[column.name]} if column in key else key
        with store.writing() as connection:
            old = {column.name: row._mapping[column]}
            connection.execute(sa.update(table).where(_is(edited)).values(old))
        store.verify()


def _is(key: dict[sa.Column, Any]) -> sa.ColumnElement[bool]:
    return sa.and_(*(column == value for column, value in key.items()))


def test_an_alert_that_nobody_touched_is_as_it_was_raised(triaged: Store) -> None:
    untouched = sa.update(ALERTS).where(ALERTS.c.alert_id == "a2")
    for edit in ({"state": "acknowledged"}, {"assignee": "eve"}, {"snoozed_until": "2099-01-01"}):
        assert "a2 of alerts was added or changed" in _tampered(triaged, untouched.values(edit))
        restored = {"state": "open", "assignee": None, "snoozed_until": None}
        with triaged.writing() as connection:
            connection.execute(untouched.values(restored))


def test_an_added_confirmation_and_a_removed_one_are_found(triaged: Store) -> None:
    row = {"alert_id": "a2", "number": 1, "at": "2025", "caller": "eve", "action": "confirm"}
    added = "a2/1 of alert_actions was added"
    assert added in _tampered(triaged, sa.insert(ALERT_ACTIONS).values(row))
    both = (sa.delete(table).where(table.c.alert_id == "a1") for table in (ALERTS, ALERT_ACTIONS))
    told = _tampered(triaged, *both)
    for name in ("a1 of alerts", "a1/1 of alert_actions", "a1/2 of alert_actions"):
        assert f"{name} was removed" in told
    told = _tampered(triaged, sa.delete(REFERRALS))
    assert told.count("of referrals was removed") == 2


def test_a_store_of_before_takes_referrals_and_alerts_into_its_chain(triaged: Store) -> None:
    """As one that the release before wrote: those tables' rows stand there, but are not noted."""
    late = [table.name for table in (REFERRALS, ALERTS, ALERT_ACTIONS)]
    with triaged.writing() as connection:
        for statement in DROPS[connection.dialect.name]:
            connection.exec_driver_sql(statement)
        connection.execute(sa.delete(CHANGES))
        connection.execute(sa.update(CHANGES_HEAD).values(sequence=0, hash=GENESIS))
        (override_id,) = connection.execute(sa.select(OVERRIDES.c.override_id)).one()
        changes.note(connection, OVERRIDES, override_id)
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0006'"))
    with pytest.raises(Tampered):
        triaged.verify()
    with triaged.writing() as connection:
        migrate(connection)
        noted = sa.select(CHANGES.c.of_table, sa.func.count().label("rows")).group_by(
            CHANGES.c.of_table
        )
        counts = {row.of_table: row.rows for row in connection.execute(noted)}
    assert [counts[name] for name in late] == [2, 2, 4]
    triaged.verify()


def test_a_removed_row_and_an_added_one_are_found(store: Store) -> None:
    with store.reading() as connection:
        row = dict(connection.execute(sa.select(OVERRIDES)).first()._mapping)
    added = sa.insert(OVERRIDES).values({**row, "sequence": 77, "override_id": "mine"})
    assert "mine of overrides was added" in _tampered(store, added)
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
