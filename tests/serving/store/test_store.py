"""The store keeps what it was given, in order, and shows every change; on SQLite and PostgreSQL."""

import subprocess
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import sleep

import pytest
import sqlalchemy as sa

from serving.store import changes
from serving.store.declarations import OVERRIDES, next_revision
from serving.store.record import DECISIONS, Entry, Outdated, Record, StoreUnavailable
from serving.store.repeats import Key, KeyReused
from serving.store.store import Store

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
    store.keep(Entry([RECORD])).result()
    assert store.find("d0") == RECORD
    assert store.find("d1") is None


def test_a_buyers_decisions_come_latest_first(store: Store) -> None:
    store.keep(Entry([record(1), record(2, "B2"), record(3), record(4)])).result()
    assert [kept.decision_id for kept in store.of_buyer("B1", most=2)] == ["d4", "d3"]


def test_the_chain_holds_across_restarts(address: str) -> None:
    for number in range(3):
        store = Store(address)
        store.keep(Entry([record(number)])).result()
        store.close()
    store = Store(address)
    assert store.verify().sequence == 3
    store.close()


def test_many_at_once_share_a_commit_and_one_chain(store: Store) -> None:
    commits = []
    sa.event.listen(store._engine, "commit", commits.append)
    with ThreadPoolExecutor(16) as threads:
        futures = list(threads.map(lambda number: store.keep(Entry([record(number)])), range(400)))
    for future in futures:
        future.result()
    assert store.verify().sequence == 400
    assert 1 <= len(commits) < 400


APPEND = """
import sys
from serving.store.record import Entry, Record
from serving.store.store import Store
address, name = sys.argv[1:]
store = Store(address)
for number in range(50):
    store.keep(Entry([Record(f"{name}-{number}", *["x"] * 7, b"{}", b"", b"{}")])).result()
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
    last = [store.keep(Entry([record(number)])) for number in range(300)][-1]
    while not last.done():
        store.verify()
    assert store.verify().sequence == 300


def test_a_batch_is_kept_whole_or_not_at_all(store: Store) -> None:
    store.keep(Entry([record(1)])).result()
    with pytest.raises(StoreUnavailable):
        store.keep(Entry([record(2), record(1)])).result()  # an id of its own is broken
    assert store.find("d2") is None
    store.keep(Entry([record(3)])).result()
    assert store.verify().sequence == 2


def test_a_full_disk_is_told_and_survived(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(store, "_commit", full)
        with pytest.raises(StoreUnavailable, match="No space left"):
            store.keep(Entry([record(1)])).result()
    store.keep(Entry([record(2)])).result()
    assert store.verify().sequence == 1


def test_what_is_kept_is_let_go_of(store: Store) -> None:
    entry = Entry([RECORD])
    held = weakref.ref(entry)
    store.keep(entry).result()
    del entry
    for _ in range(100):  # the writer tells first
        if held() is None:
            return
        sleep(0.01)
    pytest.fail("the writer still holds what it kept")


def test_who_no_longer_waits_holds_up_nobody(store: Store) -> None:
    waiting = [store.keep(Entry([record(number)])) for number in range(100)]
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
    store.keep(Entry([RECORD])).result()
    with (
        store._engine.connect() as connection,
        pytest.raises(sa.exc.DBAPIError, match="append-only"),
    ):
        connection.execute(statement)


REVISED = Entry([record(1)], revision=0)


def test_a_decision_made_before_a_declaration_on_its_buyer_is_made_anew(store: Store) -> None:
    store.keep(REVISED).result()
    for buyer, outcome in (("B2", None), ("B1", Outdated)):
        with store.writing() as connection:
            row = override(connection, buyer)
            connection.execute(sa.insert(OVERRIDES).values(row))
            changes.note(connection, OVERRIDES, row["override_id"])
        made_before = replace(REVISED, records=[record(ord(buyer[1]))])
        if outcome is None:
            store.keep(made_before).result()
            continue
        with pytest.raises(outcome):
            store.keep(made_before).result()
    assert store.verify().sequence == 2


def override(connection: sa.Connection, buyer: str) -> dict[str, object]:
    revision = next_revision(connection)
    number = {"sequence": revision, "revision": revision, "override_id": str(revision)}
    texts = {
        column.name: "x"
        for column in OVERRIDES.c
        if not column.nullable and column.type.python_type is str
    }
    model = {"model_limit": 1.0, "model_default_probability": 0.1}
    return {**texts, **number, **model, "buyer_id": buyer}


def keyed(number: int, question: str = "q") -> Entry:
    answer = f"answer {number}".encode()
    return Entry([record(number)], key=Key("erp", "k1", question), answer=answer)


def test_a_repeated_write_gives_the_first_answer_and_writes_nothing(store: Store) -> None:
    assert store.keep(keyed(1)).result() is None
    assert store.keep(keyed(2)).result() == b"answer 1"
    assert store.answered(Key("erp", "k1", "q")) == b"answer 1"
    assert store.answered(Key("another", "k1", "q")) is None
    with pytest.raises(KeyReused):
        store.keep(keyed(3, "another question")).result()
    assert store.verify().sequence == 1


def test_duplicates_at_one_moment_are_one_write_and_harm_no_other(store: Store) -> None:
    waiting = [store.keep(keyed(number)) for number in range(20)]
    other = store.keep(Entry([record(99)]))
    answers = {future.result() for future in waiting}
    other.result()
    assert len(answers) == 2  # None for the one that was kept
    assert store.verify().sequence == 2


def test_once_writes_once(store: Store) -> None:
    ran = []

    def write(connection: sa.Connection) -> bytes:
        ran.append(next_revision(connection))
        return b"done"

    key = Key("erp", "k1", "q")
    assert [store.once(key, write), store.once(key, write)] == [b"done", b"done"]
    assert store.once(None, write) == b"done"
    assert ran == [1, 2]


def test_what_belongs_to_a_record_is_kept_with_it_or_not_at_all(store: Store) -> None:
    def fails(connection: sa.Connection) -> None:
        raise ValueError("no")

    with pytest.raises(StoreUnavailable, match="no"):
        store.keep(Entry([record(1)], also=fails)).result()
    assert store.find("d1") is None


def test_a_store_needs_a_file() -> None:
    with pytest.raises(ValueError, match="names no file"):
        Store("sqlite://")
