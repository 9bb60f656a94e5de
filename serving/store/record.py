"""What is kept of a decision, and the tables it is kept in: append-only, chained by hash."""

from dataclasses import astuple, dataclass, fields
from hashlib import sha256

import sqlalchemy as sa

from serving.store.schema import METADATA

GENESIS = bytes(32)


@dataclass(frozen=True)
class Record:
    """All that is kept of one decision; with the versions it names, it can be replayed.

    `request` is what was asked, `features` the float64 feature row, `answer` the very bytes sent.
    """

    decision_id: str
    decided_at: str  # UTC, ISO 8601
    caller: str
    buyer_id: str
    as_of_date: str
    model_version: str
    policy_version: str
    data_version: str
    request: bytes
    features: bytes
    answer: bytes

    def hash_after(self, previous: bytes, sequence: int) -> bytes:
        """Hash of this record at its place in the chain; lengths keep fields from flowing over."""
        digest = sha256(previous)
        for value in (str(sequence), *astuple(self)):
            content = value.encode() if isinstance(value, str) else value
            digest.update(len(content).to_bytes(8, "big") + content)
        return digest.digest()


@dataclass(frozen=True)
class Head:
    """Where the chain ends. Noted elsewhere, it proves later that nothing before it was touched."""

    sequence: int
    hash: bytes


DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    *(
        sa.Column(field.name, sa.LargeBinary if field.type is bytes else sa.Text, nullable=False)
        for field in fields(Record)
    ),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Index("decisions_by_id", "decision_id", unique=True),
    sa.Index("decisions_by_buyer", "buyer_id", "sequence"),
)
# Without the head, cutting off the last decisions would leave a chain that holds.
HEAD = sa.Table(
    "chain_head",
    METADATA,
    sa.Column("sequence", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)


def record_of(row: sa.Row) -> Record:
    """A row of DECISIONS as the record it keeps."""
    return Record(*row[1:-1])
