"""The store keeps what it was given, in order, and shows every change; on SQLite and PostgreSQL."""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from serving.store.record import DECISIONS, HEAD, Record
from serving.store.store import Store, StoreUnavailable, Tampered

ROOT = Path(__file__).parents[3]
RECORD = Record(
    decision_id="d0",
    decided_at="2025-07-01T09:30:00.000000+00:00",
    caller="127.0.0.1",
    buyer_id="B1",
    as_of_date="2025-06-30",
    model_version="m1",
    policy_version="p1",
    data_version="t1",
    request=b'{"buyer_id":"B1"}',
    features=bytes(range(256)),
    answer='{"wording":"délai"}'.encode(),
)


@pytest.fixture
def store(real_store: Store) -> Store:
    return real_store


def record(number: int, buyer: str = "B1") -> Record:
    return replace(RECORD, decision_id=f"d{number}", buyer_id=buyer)


def test_a_record_comes_back_as_it_was_kept(store: Store) -> None:
    store.append([RECORD]).result()
    assert store.find("d0") == RECORD
    assert store.find("d1") is None


def test_a_buyers_decisions_come_latest_first(store: Store) -> None:
    store.append([record(1), record(2, "B2"), record(3), record(4)]).result()
    assert [kept.decision_id for kept in store.of_buyer("B1", most=2)] == ["d4", "d3"]


def test_the_chain_holds_across_restarts(address: str) -> None:
    for number in range(3):
        store = Store(address)
        store.append([record(number)]).result()
        store.close()
    store = Store(address)
    assert store.verify().sequence == 3
    store.close()


def test_many_at_once_share_a_commit_and_one_chain(store: Store) -> None:
    commits = []
    sa.event.listen(store._engine, "commit", commits.append)
    with ThreadPoolExecutor(16) as threads:
        futures = list(threads.map(lambda number: store.append([record(number)]), range(400)))
    for future in futures:
        future.result()
    assert store.verify().sequence == 400
    assert 1 <= len(commits) < 400


APPEND = """
import sys
from serving.store.record import Record
from serving.store.store import Store
address, name = sys.argv[1:]
store = Store(address)
for number in range(50):
    store.append([Record(f"{name}-{number}", *["x"] * 7, b"{}", b"", b"{}")]).result()
store.close()
"""


@pytest.mark.slow
def test_several_processes_extend_one_chain(address: str) -> None:
    workers = [
        subprocess.Popen([sys.executable, "-c", APPEND, address, name], cwd=ROOT) for name in "abc"
    ]
    assert [worker.wait() for worker in workers] == [0, 0, 0]
    store = Store(address)
    assert store.verify().sequence == 150
    store.close()


def test_the_chain_holds_while_it_grows(store: Store) -> None:
    last = [store.append([record(number)]) for number in range(300)][-1]
    while not last.done():
        store.verify()
    assert store.verify().sequence == 300


def test_a_batch_is_kept_whole_or_not_at_all(store: Store) -> None:
    store.append([record(1)]).result()
    with pytest.raises(StoreUnavailable):
        store.append([record(2), record(1)]).result()  # an id of its own is broken
    assert store.find("d2") is None
    store.append([record(3)]).result()
    assert store.verify().sequence == 2


def test_a_full_disk_is_told_and_survived(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store, "_commit", full)
        with pytest.raises(StoreUnavailable, match="No space left"):
            store.append([record(1)]).result()
    store.append([record(2)]).result()
    assert store.verify().sequence == 1


def test_who_no_longer_waits_holds_up_nobody(store: Store) -> None:
    waiting = [store.append([record(number)]) for number in range(100)]
    gone = [future.cancel() for future in waiting[1::2]]
    for future in waiting[::2]:
        future.result()
    assert store.verify().sequence == 100 - sum(gone)


@pytest.mark.parametrize(
    "statement",
    [sa.update(DECISIONS).values(caller="x"), sa.delete(DECISIONS)],
    ids=["update", "delete"],
)
def test_the_database_refuses_to_change_a_decision(store: Store, statement: sa.Executable) -> None:
    store.append([RECORD]).result()
    with (
        store._engine.connect() as connection,
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
    ):
        connection.execute(statement)


def _change_an_answer(connection: sa.Connection) -> None:
    connection.execute(sa.update(DECISIONS).where(DECISIONS.c.sequence == 2).values(answer=b"{}"))


def _move_a_byte_between_fields(connection: sa.Connection) -> None:
    moved = {"model_version": "m", "policy_version": "1p1"}
    connection.execute(sa.update(DECISIONS).where(DECISIONS.c.sequence == 2).values(moved))


def _remove_one(connection: sa.Connection) -> None:
    connection.execute(sa.delete(DECISIONS).where(DECISIONS.c.sequence == 2))


def _remove_the_last(connection: sa.Connection) -> None:
    connection.execute(sa.delete(DECISIONS).where(DECISIONS.c.sequence == 3))


def _move_the_head(connection: sa.Connection) -> None:
    connection.execute(sa.update(HEAD).values(sequence=2))


@pytest.mark.parametrize(
    "tamper",
    [
        _change_an_answer,
        _move_a_byte_between_fields,
        _remove_one,
        _remove_the_last,
        _move_the_head,
    ],
)
def test_verify_finds_any_change(store: Store, tamper: Callable[[sa.Connection], None]) -> None:
    store.append([record(1), record(2), record(3)]).result()
    assert store.verify().sequence == 3
    with store._engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER decisions_no_update")
            connection.exec_driver_sql("DROP TRIGGER decisions_no_delete")
        else:
            connection.exec_driver_sql("DROP TRIGGER decisions_append_only ON decisions")
        tamper(connection)
        connection.commit()
    with pytest.raises(Tampered):
        store.verify()


def test_a_store_needs_a_file() -> None:
    with pytest.raises(ValueError, match="names no file"):
        Store("sqlite://")
