"""What is kept together, and why it may not be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from serving.store.record import Record
from serving.store.repeats import Key


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
