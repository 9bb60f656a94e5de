"""What decisions were made from, each content once, found by its digest: models, tables, facts."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

import sqlalchemy as sa

from serving.store.schema import METADATA

ARCHIVE = sa.Table(
    "archive",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("content", sa.LargeBinary, nullable=False),
)


def digest_of(content: bytes) -> str:
    """The name of a content."""
    return sha256(content).hexdigest()


def put(connection: sa.Connection, contents: Mapping[str, bytes]) -> None:
    """Keep those contents that are not kept yet; the caller holds the right to write."""
    if not contents:
        return
    there = sa.select(ARCHIVE.c.digest).where(ARCHIVE.c.digest.in_(contents))
    known = set(connection.execute(there).scalars())
    if new := [
        {"digest": digest, "content": content}
        for digest, content in contents.items()
        if digest not in known
    ]:
        connection.execute(sa.insert(ARCHIVE), new)


def get(connection: sa.Connection, digest: str) -> bytes | None:
    """The content of that digest."""
    found = sa.select(ARCHIVE.c.content).where(ARCHIVE.c.digest == digest)
    return connection.execute(found).scalar()


def faults(connection: sa.Connection, named: Iterable[str]) -> list[str]:
    """What is wrong with the archive: contents that changed, or were named and are gone."""
    wrong, there = [], set()
    rows = connection.execution_options(yield_per=100).execute(sa.select(ARCHIVE))
    for digest, content in rows:
        there.add(digest)
        if digest_of(content) != digest:
            wrong.append(f"content {digest[:12]} was changed")
    return wrong + [f"content {digest[:12]} was removed" for digest in sorted({*named} - there)]
