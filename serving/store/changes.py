"""Every state that what people declare and decide was ever in, append-only and chained by hash.

The rows of these tables change, when they are reviewed, withdrawn or decided. Each state is noted
here in the transaction that makes it, so that a row which is not as it was noted last was changed
by somebody else. An alert is noted from the first time that somebody acts on it.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import chain
from typing import Any

import orjson
import sqlalchemy as sa

from serving.store.declarations import DECLARATIONS, OVERRIDES, REFERRALS
from serving.store.record import GENESIS, Head, framed
from serving.store.schema import METADATA
from serving.store.surveillance import ALERT_ACTIONS, ALERTS

IDENTIFIED: Mapping[sa.Table, tuple[sa.Column, ...]] = {
    DECLARATIONS: (DECLARATIONS.c.declaration_id,),
    OVERRIDES: (OVERRIDES.c.override_id,),
    REFERRALS: (REFERRALS.c.referral_id,),
    ALERTS: (ALERTS.c.alert_id,),
    ALERT_ACTIONS: (ALERT_ACTIONS.c.alert_id, ALERT_ACTIONS.c.number),
}
CHANGES = sa.Table(
    "changes",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("of_table", sa.Text, nullable=False),
    sa.Column("row_id", sa.Text, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),  # the row, as JSON
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
CHANGES_HEAD = sa.Table(
    "changes_head",
    METADATA,
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)


def note(connection: sa.Connection, table: sa.Table, *identifier: Any) -> None:
    """Note the row as it is now; the caller holds the right to write, and has just written it."""
    named = zip(IDENTIFIED[table], identifier, strict=True)
    this = sa.and_(*(column == value for column, value in named))
    row = connection.execute(sa.select(table).where(this)).one()
    row_id, content = _row_id(table, row), _in_json(row)
    last = head(connection)
    sequence = last.sequence + 1
    digest = hash_after(last.hash, sequence, table.name, row_id, content)
    link = (sequence, table.name, row_id, content, digest)
    connection.execute(sa.insert(CHANGES).values(link))
    connection.execute(sa.update(CHANGES_HEAD).values(sequence=sequence, hash=digest))


def head(connection: sa.Connection) -> Head:
    """Where this chain ends, as recorded."""
    return Head(*connection.execute(sa.select(CHANGES_HEAD)).one())


def last(connection: sa.Connection) -> Head:
    """Where its last two links say that it ends."""
    two = sa.select(CHANGES).order_by(CHANGES.c.sequence.desc()).limit(2)
    rows = connection.execute(two).all()
    if not rows:
        return Head(0, GENESIS)
    one, previous = rows[0], rows[1].hash if len(rows) > 1 else GENESIS
    told = hash_after(previous, one.sequence, one.of_table, one.row_id, one.content)
    return Head(one.sequence, told)


def hash_after(previous: bytes, sequence: int, of_table: str, row_id: str, content: bytes) -> bytes:
    """Hash of one change at its place in the chain."""
    parts = [framed(value) for value in (str(sequence), of_table, row_id, content)]
    return sha256(b"".join([previous, *chain.from_iterable(parts)])).digest()


def faults(connection: sa.Connection) -> Iterator[str]:
    """Which rows are not as they were noted last."""
    links = sa.select(CHANGES.c.of_table, CHANGES.c.row_id, CHANGES.c.content)
    noted = {
        (table, row_id): content
        for table, row_id, content in connection.execute(links.order_by(CHANGES.c.sequence)).all()
    }
    for table in IDENTIFIED:
        for row in connection.execute(_to_be_noted(table)).all():
            row_id = _row_id(table, row)
            content = noted.pop((table.name, row_id), None)
            if content is None:
                yield f"{row_id} of {table.name} was added or changed behind the service's back"
            elif content != _in_json(row):
                yield f"{row_id} of {table.name} was changed"
    for table_name, row_id in noted:
        yield f"{row_id} of {table_name} was removed"


def _to_be_noted(table: sa.Table) -> sa.Select:
    """The rows that must be noted: of alerts those that were, or that are not as they were raised;
    the others are many."""
    rows = sa.select(table)
    if table is not ALERTS:
        return rows
    noted = sa.select(CHANGES.c.row_id).where(CHANGES.c.of_table == ALERTS.name)
    touched = (
        (ALERTS.c.state != "open")
        | ALERTS.c.assignee.is_not(None)
        | ALERTS.c.snoozed_until.is_not(None)
    )
    return rows.where(touched | ALERTS.c.alert_id.in_(noted))


def _row_id(table: sa.Table, row: sa.Row) -> str:
    return "/".join(str(row._mapping[column]) for column in IDENTIFIED[table])


def _in_json(row: sa.Row) -> bytes:
    """The row; of long bytes, their digest."""
    columns = {str(name): value for name, value in row._mapping.items()}
    return orjson.dumps(columns, default=lambda content: sha256(content).hexdigest())
