"""Every state that a declaration or an override was ever in, append-only and chained by hash.

The rows of these tables change, when they are reviewed or withdrawn. Each state is noted here in
the transaction that makes it, so that a row which is not as it was noted last was changed by
somebody else.
"""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from itertools import chain

import orjson
import sqlalchemy as sa

from serving.store.declarations import DECLARATIONS, OVERRIDES
from serving.store.record import Head, framed
from serving.store.schema import METADATA

IDENTIFIED: Mapping[sa.Table, sa.Column] = {
    DECLARATIONS: DECLARATIONS.c.declaration_id,
    OVERRIDES: OVERRIDES.c.override_id,
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


def note(connection: sa.Connection, table: sa.Table, row_id: str) -> None:
    """Note the row as it is now; the caller holds the right to write, and has just written it."""
    row = connection.execute(sa.select(table).where(IDENTIFIED[table] == row_id)).one()
    content = _in_json(row)
    last = head(connection)
    sequence = last.sequence + 1
    digest = hash_after(last.hash, sequence, table.name, row_id, content)
    link = (sequence, table.name, row_id, content, digest)
    connection.execute(sa.insert(CHANGES).values(link))
    connection.execute(sa.update(CHANGES_HEAD).values(sequence=sequence, hash=digest))


def head(connection: sa.Connection) -> Head:
    """Where this chain ends, as recorded."""
    return Head(*connection.execute(sa.select(CHANGES_HEAD)).one())


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
    for table, identifier in IDENTIFIED.items():
        for row in connection.execute(sa.select(table)).all():
            name = f"{identifier.name.removesuffix('_id')} {getattr(row, identifier.name)}"
            content = noted.pop((table.name, getattr(row, identifier.name)), None)
            if content is None:
                yield f"{name} was added behind the service's back"
            elif content != _in_json(row):
                yield f"{name} was changed"
    for table_name, row_id in noted:
        yield f"{row_id} of {table_name} was removed"


def _in_json(row: sa.Row) -> bytes:
    return orjson.dumps({str(name): value for name, value in row._mapping.items()})
