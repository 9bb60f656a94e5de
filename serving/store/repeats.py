"""Idempotency keys: a write that is repeated gives the first one's bytes, and writes nothing.

A key belongs to its caller and stands in one transaction with what it wrote, so that duplicates,
even at the same moment on two workers, are one write.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from serving.store.schema import METADATA

REPEATS = sa.Table(
    "idempotency",
    METADATA,
    sa.Column("caller", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("question", sa.Text, nullable=False),
    sa.Column("answer", sa.LargeBinary, nullable=False),
    sa.Column("kept_at", sa.Text, nullable=False),
)


class KeyReused(ValueError):
    """The key came before, with another question."""


@dataclass(frozen=True)
class Key:
    """What a caller names a write by; `question` is a digest of what was asked with it."""

    caller: str
    key: str
    question: str


def find(connection: sa.Connection, key: Key) -> bytes | None:
    """The answer given for `key` before. Raises KeyReused."""
    found = sa.select(REPEATS.c.question, REPEATS.c.answer).where(
        REPEATS.c.caller == key.caller, REPEATS.c.key == key.key
    )
    row = connection.execute(found).first()
    if row is None:
        return None
    if row.question != key.question:
        raise KeyReused(f"{key.key} came before with another question")
    return bytes(row.answer)


def keep(connection: sa.Connection, key: Key, answer: bytes) -> None:
    """Give `answer` again whenever `key` comes again; the caller holds the right to write."""
    kept_at = datetime.now(UTC).isoformat(timespec="seconds")
    connection.execute(sa.insert(REPEATS).values(**vars(key), answer=answer, kept_at=kept_at))
