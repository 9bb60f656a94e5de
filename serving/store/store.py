"""The store of decisions: append-only, chained by hash, durable before an answer leaves.

One writer thread a process takes whatever waits and commits it at once (group commit), so many
concurrent requests share one flush to disk. All processes extend one chain: a batch reads the head
of the chain and moves it under a lock that the database holds until the commit (BEGIN IMMEDIATE on
SQLite, an advisory lock on PostgreSQL), so the chain is one whatever the number of workers.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from time import sleep

import sqlalchemy as sa

from serving.store import archive, audit, repeats
from serving.store.database import engine_of, turn
from serving.store.declarations import changed_since
from serving.store.record import (
    DECISIONS,
    HEAD,
    Entry,
    Head,
    Outdated,
    Record,
    StoreUnavailable,
    record_of,
)
from serving.store.repeats import Key, KeyReused
from serving.store.schema import migrate

LARGEST_BATCH = 1000
COMMIT_DELAY = 0.004  # seconds, as PostgreSQL's commit_delay
# Made once: a statement is compiled anew where it is a new one.
END = sa.select(HEAD)
MOVE_END = sa.update(HEAD).values(sequence=sa.bindparam("to"), hash=sa.bindparam("hashed"))
KEEP = sa.insert(DECISIONS)
LOCK = 0x656E636F757273  # any number that no other application locks


class Store:
    """Decisions in the database at `address`, an SQLAlchemy URL (SQLite or PostgreSQL).

    `revision` is the last one of the declarations that a commit has seen.
    """

    def __init__(self, address: str) -> None:
        self._engine = engine_of(address)
        with self.writing() as connection:
            migrate(connection)
        self.revision = 0
        self._waiting: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._writer = threading.Thread(target=self._write, name="store", daemon=True)
        self._writer.start()

    def keep(self, entry: Entry) -> Future[bytes | None]:
        """Keep `entry`, all or none of it. The future is done once it is durable; its result is the
        earlier answer where the entry's key was used before, else None. It raises StoreUnavailable
        where the entry could not be kept, Outdated where it must be made anew, and KeyReused."""
        done: Future[bytes | None] = Future()
        self._waiting.put((entry, done))
        return done

    def once(self, key: Key | None, write: Callable[[sa.Connection], bytes]) -> bytes:
        """What `write` answers, in one transaction with what it writes; where `key` was used
        before, the answer of then, and nothing is written. Raises KeyReused."""
        with self.writing() as connection:
            if key and (earlier := repeats.find(connection, key)) is not None:
                return earlier
            answer = write(connection)
            if key:
                repeats.keep(connection, key, answer)
            return answer

    def answered(self, key: Key) -> bytes | None:
        """The answer that was given for `key`. Raises KeyReused."""
        with self.reading() as connection:
            return repeats.find(connection, key)

    def content(self, digest: str) -> bytes | None:
        """What the archive holds under `digest`."""
        with self.reading() as connection:
            return archive.get(connection, digest)

    def find(self, decision_id: str) -> Record | None:
        """The decision of that id."""
        with self._engine.connect() as connection:
            row = connection.execute(
                sa.select(DECISIONS).where(DECISIONS.c.decision_id == decision_id)
            ).first()
        return None if row is None else record_of(row)

    def of_buyer(self, buyer_id: str, most: int = 20) -> list[Record]:
        """The last decisions on a buyer, latest first."""
        query = (
            sa.select(DECISIONS)
            .where(DECISIONS.c.buyer_id == buyer_id)
            .order_by(DECISIONS.c.sequence.desc())
            .limit(most)
        )
        with self._engine.connect() as connection:
            return [record_of(row) for row in connection.execute(query)]

    def head(self) -> Head:
        """Where the chains end, as recorded."""
        with self.reading() as connection:
            return audit.recorded(connection)

    def verify(
        self,
        noted: Head | None = None,
        watch: audit.Watch = lambda rows, total: rows,
    ) -> Head:
        """Walk the chain of decisions and the archive behind it, the chain of changes and the rows
        it tells of; the head they end at.

        Raises Tampered at the first broken link, where a chain does not pass through the head
        `noted` earlier, and where a content or a row was changed, removed or added. `watch` may
        show the progress.
        """
        with self.reading() as connection:
            return audit.verify(connection, noted, watch)

    def reading(self) -> sa.Connection:
        """A connection whose reads all see the store at one moment, while others write."""
        connection = self._engine.connect()
        if connection.dialect.name == "postgresql":
            return connection.execution_options(isolation_level="REPEATABLE READ")
        return connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction that no other writer, in any process, can overlap."""
        with (
            turn(self._engine.url),
            self._engine.connect().execution_options(exclusive=True) as connection,
            connection.begin(),
        ):
            if connection.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            yield connection

    def close(self) -> None:
        """Write what waits, then let go of the database."""
        self._waiting.put(None)
        self._writer.join()
        self._engine.dispose()

    def _write(self) -> None:
        """The writer thread: everything that waits, and is still waited for, becomes one commit."""
        many = False
        while (first := self._waiting.get()) is not None:
            if many:  # arrive together: a moment's wait spares flushes to disk
                sleep(COMMIT_DELAY)
            many = self._settle([first, *self._also_waiting()]) > 1
            del first  # else it stays in memory until another comes

    def _settle(self, waiting: "Sequence[_Waiting]") -> int:
        """Keep all who still wait, tell them, and count them."""
        batch = [(entry, done) for entry, done in waiting if done.set_running_or_notify_cancel()]
        try:
            outcomes = self._commit([entry for entry, _ in batch]) if batch else []
        except Exception as error:  # whatever it is, those who wait must be told
            outcomes = [StoreUnavailable(str(error))] * len(batch)
        for (_, done), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, Exception):
                done.set_exception(outcome)
            else:
                done.set_result(outcome)
        return len(batch)

    def _also_waiting(self) -> Iterator["_Waiting"]:
        for _ in range(LARGEST_BATCH):
            try:
                following = self._waiting.get_nowait()
            except Empty:
                return
            if following is None:  # closing: leave it for the loop
                self._waiting.put(None)
                return
            yield following

    def _commit(self, entries: Sequence[Entry]) -> list[bytes | Exception | None]:
        """Keep all entries that can be kept, in one transaction; what became of each."""
        with self.writing() as connection:
            head = connection.execute(END).one()
            self.revision = head.revision
            outcomes: list[bytes | Exception | None] = []
            kept: list[Entry] = []
            for entry in entries:
                outcome = _earlier(connection, entry, head.revision)
                outcomes.append(outcome)
                if outcome is None:
                    kept.append(entry)
                    if entry.key:
                        repeats.keep(connection, entry.key, entry.answer)
            self._extend(connection, head, kept)
        return outcomes

    def _extend(self, connection: sa.Connection, head: sa.Row, entries: Sequence[Entry]) -> None:
        """Lengthen the chain by the records of `entries`, and keep what belongs to them."""
        sequence, previous, rows = head.sequence, head.hash, []
        for record in (record for entry in entries for record in entry.records):
            sequence += 1
            previous = record.hash_after(previous, sequence)
            rows.append({**vars(record), "sequence": sequence, "hash": previous})
        if not rows:
            return
        archive.put(connection, {k: v for entry in entries for k, v in entry.contents.items()})
        connection.execute(KEEP, rows)
        connection.execute(MOVE_END, {"to": sequence, "hashed": previous})
        for entry in entries:
            if entry.also:
                entry.also(connection)


def _earlier(
    connection: sa.Connection, entry: Entry, revision: int
) -> bytes | KeyReused | Outdated | None:
    """Why `entry` is not to be kept: answered before, or outdated. None: it is."""
    if entry.key:
        try:
            if (answer := repeats.find(connection, entry.key)) is not None:
                return answer
        except KeyReused as error:
            return error
    if entry.revision is not None and entry.revision != revision:
        buyers = {record.buyer_id for record in entry.records}
        if buyers & changed_since(connection, entry.revision):
            return Outdated("something was declared since")
    return None


_Waiting = tuple[Entry, Future[bytes | None]]
