"""The audit: both chains walked from end to end, and all they stand for looked at."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from functools import partial

import sqlalchemy as sa

from serving.store import archive, changes
from serving.store.changes import CHANGES
from serving.store.record import DECISIONS, GENESIS, HEAD, Head, Tampered, record_of

Watch = Callable[[Iterable[sa.Row], int], Iterable[sa.Row]]
Link = tuple[str, sa.Row, Callable[[bytes, int], bytes]]  # its name, its row, its hash


def recorded(connection: sa.Connection) -> Head:
    """Where the chains end, as recorded."""
    sequence, digest = connection.execute(sa.select(HEAD.c.sequence, HEAD.c.hash)).one()
    return Head(sequence, digest, changes.head(connection))


def verify(connection: sa.Connection, noted: Head | None, watch: Watch) -> Head:
    """The ends of both chains. Raises Tampered at what does not hold (see `Store.verify`)."""
    head, named = recorded(connection), set[str]()
    with closing(_decisions(connection, head, named, watch)) as links:  # the cursor is let go of
        _walk("decision", links, head, noted)
    assert head.changes is not None
    _walk("change", _changes(connection), head.changes, noted and noted.changes)
    if faults := [*archive.faults(connection, named), *changes.faults(connection)]:
        raise Tampered("; ".join(faults))
    return head


def _walk(kind: str, links: Iterable[Link], head: Head, noted: Head | None) -> None:
    sequence, previous = 0, GENESIS
    for name, row, hash_after in links:
        sequence += 1
        previous = hash_after(previous, sequence)
        if (row.sequence, row.hash) != (sequence, previous):
            raise Tampered(
                f"{name} (number {row.sequence}) was changed, or one before it was removed"
            )
        if noted and noted.sequence == sequence and noted.hash != previous:
            raise Tampered(f"{kind} {sequence} is not the one that was noted")
    if (head.sequence, head.hash) != (sequence, previous):
        raise Tampered(
            f"the chain of {kind}s ends at {sequence}, not at {head.sequence} as recorded"
        )
    if noted and noted.sequence > sequence:
        raise Tampered(
            f"the chain of {kind}s ends at {sequence}; {noted.sequence} were noted before"
        )


def _decisions(
    connection: sa.Connection, head: Head, named: set[str], watch: Watch
) -> Generator[Link]:
    """Every decision; what it names of the archive goes into `named`."""
    chain = sa.select(DECISIONS).order_by(DECISIONS.c.sequence)
    with connection.execution_options(yield_per=1000).execute(chain) as rows:
        for row in watch(rows, head.sequence):
            record = record_of(row)
            named.update(record.archived)
            yield f"decision {row.decision_id}", row, record.hash_after


def _changes(connection: sa.Connection) -> Iterator[Link]:
    chain = sa.select(CHANGES).order_by(CHANGES.c.sequence)
    for row in connection.execute(chain).all():
        of = {"of_table": row.of_table, "row_id": row.row_id, "content": row.content}
        name = f"the noted state of {row.row_id} in {row.of_table}"
        yield name, row, partial(changes.hash_after, **of)
