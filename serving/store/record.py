"""What is kept of a decision, and the tables it is kept in: append-only, chained by hash; what is
kept together with it, and why it may not be."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import Self

import sqlalchemy as sa

from serving.store.repeats import Key
from serving.store.schema import METADATA

GENESIS = bytes(32)


@dataclass(frozen=True)
class Record:
    """All that is kept of one decision; with what it names, it can be replayed to the same bytes.

    `request` is what was asked, `features` the float64 feature row, `drivers` the float64
    contributions in the model's order, `answer` the very bytes sent. `bundle`, `shared` and `facts`
    are digests of contents of the archive: the model, the tables all buyers share, and the buyer's
    own rows ("" where the request holds them). `context` is what else entered, as JSON.
    The fields with a default are None in decisions that were kept before they existed.
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
    operation: str | None = None  # score or limits
    code_version: str | None = None
    bundle: str | None = None
    shared: str | None = None
    facts: str | None = None
    context: bytes | None = None
    drivers: bytes | None = None

    def hash_after(self, previous: bytes, sequence: int) -> bytes:
        """Hash of this record at its place in the chain.

        Lengths keep fields from flowing over; the names of later fields keep a value in its field
        where those before it are absent.
        """
        parts = [previous, *framed(str(sequence))]
        for name, value in vars(self).items():
            if value is not None:
                parts += LATER.get(name, ())
                parts += framed(value)
        return sha256(b"".join(parts)).digest()

    @property
    def archived(self) -> tuple[str, ...]:
        """Digests of the contents that it names."""
        return tuple(digest for digest in (self.bundle, self.shared, self.facts) if digest)


def framed(value: str | bytes) -> tuple[bytes, bytes]:
    """The length of a value and the value, so that none flows over into the next."""
    content = value.encode() if isinstance(value, str) else value
    return len(content).to_bytes(8, "big"), content


LATER = {field.name: framed(field.name) for field in fields(Record) if field.default is None}


@dataclass(frozen=True)
class Head:
    """Where the chain of decisions ends, and that of `changes` (serving.store.changes). Noted
    elsewhere, it proves later that nothing before it was touched."""

    sequence: int
    hash: bytes
    changes: "Head | None" = None

    def __str__(self) -> str:
        end = f"{self.sequence}:{self.hash.hex()}"
        return end if self.changes is None else f"{end}+{self.changes}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A head as it was printed. Raises ValueError."""
        end, _, changes = text.strip().partition("+")
        number, _, digits = end.partition(":")
        if not (number.isdecimal() and re.fullmatch("[0-9a-f]{64}", digits)):
            raise ValueError(f"{text!r} is no end of a chain; give NUMBER:HASH, as it was printed")
        return cls(int(number), bytes.fromhex(digits), cls.parse(changes) if changes else None)


DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    *(
        sa.Column(
            field.name,
            sa.LargeBinary if field.type in (bytes, bytes | None) else sa.Text,
            nullable=field.name in LATER,
        )
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
    # Rises with everything declared: a decision is kept only if it knew what was declared by then.
    sa.Column("revision", sa.BigInteger, nullable=False, server_default="0"),
)


def record_of(row: sa.Row) -> Record:
    """A row of DECISIONS as the record it keeps."""
    return Record(*row[1:-1])


class StoreUnavailable(RuntimeError):
    """A decision could not be made durable."""


class Tampered(ValueError):
    """The chain does not hold: the message names the first decision that was changed."""


class Outdated(RuntimeError):
    """Something was declared of the buyer since the decision was made: make it anew."""


@dataclass(frozen=True)
class Entry:
    """What is kept together, or not at all.

    `contents` are those that the records name and the archive may lack, by digest; `revision` the
    one of the declarations that were considered; `also` writes what belongs to the records. Where
    `key` was used before, nothing is kept; else `answer` will be given for it again.
    """

    records: Sequence[Record]
    contents: Mapping[str, bytes] = field(default_factory=dict)
    revision: int | None = None
    also: Callable[[sa.Connection], None] | None = None
    key: Key | None = None
    answer: bytes = b""
