"""What one file or query holds: columns of text, each row with the line it stands on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.ledgers.mapping import Unpivot, nearest
from features.ledgers.parsing import fold

# The columns that must be there, each with its alternative names.
Wanted = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Extract:
    """`rows` are columns of text, `line[i]` is where row i stands in the source `name`.

    `malformed` are records (line, text) whose number of fields is not the header's; `blank` counts
    rows without any value, left out. A `typed` source wrote its numbers with a point, itself.
    """

    name: str
    rows: pa.Table
    line: NDArray[np.int64]
    malformed: tuple[tuple[int, str], ...] = ()
    blank: int = 0
    typed: bool = False

    def without_blanks(self) -> "Extract":
        """The rows that have a value, the others counted."""
        suspects = np.arange(len(self.rows))
        for column in self.rows.columns:
            text = pc.utf8_trim_whitespace(column.take(pa.array(suspects)).fill_null(""))
            suspects = suspects[pc.equal(text, "").to_numpy()]
        if not len(suspects):
            return self
        empty = np.isin(np.arange(len(self.rows)), suspects)
        rows, line = self.rows.filter(pa.array(~empty)), self.line[~empty]
        return replace(self, rows=rows, line=line, blank=self.blank + int(empty.sum()))

    def unpivoted(self, wide: Unpivot, nulls: Sequence[str]) -> "Extract":
        """One row for each cell of the columns not kept that holds something."""
        names = self.rows.column_names
        kept = list(filter(None, (find_column(name, names) for name in wide.keep)))
        row, header, cell = [], [], []
        nothing = pa.array(["", *nulls])
        for name in (name for name in names if name not in kept):
            text = pc.utf8_trim_whitespace(self.rows[name].combine_chunks().fill_null(""))
            there = np.flatnonzero(~pc.is_in(text, nothing).to_numpy(zero_copy_only=False))
            row.append(there)
            header.append(pa.repeat(name, len(there)))
            cell.append(text.take(pa.array(there)))
        at = np.concatenate([np.zeros(0, np.int64), *row])
        rows = self.rows.select(kept).take(pa.array(at))
        for name, texts in ((wide.header, header), (wide.cell, cell)):
            rows = rows.append_column(name, pa.chunked_array(texts, pa.string()))
        return replace(self, rows=rows, line=self.line[at])


def find_column(name: str, columns: Sequence[str]) -> str | None:
    """The column called `name`: exactly, else up to case, accents and punctuation.

    >>> find_column("Échéance", ["Date", "echeance"])
    'echeance'
    """
    if name in columns:
        return name
    return next((column for column in columns if fold(column) == fold(name)), None)


def unique_names(header: Sequence[str]) -> list[str]:
    """Column names made unique: the second "Montant" is "Montant (2)".

    >>> unique_names(["Date", "Montant", "", "Montant"])
    ['Date', 'Montant', 'column 3', 'Montant (2)']
    """
    seen: Counter[str] = Counter()
    names = []
    for position, text in enumerate(header, 1):
        name = " ".join(str(text).split()) or f"column {position}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def missing(names: Sequence[str], wanted: Wanted) -> list[Sequence[str]]:
    """The columns of `wanted` that `names` has under none of their names."""
    return [any_of for any_of in wanted if not any(find_column(n, names) for n in any_of)]


def require(source: str, names: Sequence[str], wanted: Wanted) -> None:
    """Raise ValueError naming the first column of `wanted` that is not among `names`."""
    for any_of in missing(names, wanted):
        raise ValueError(
            f"{source}: no column {' or '.join(map(repr, any_of))}; {nearest(any_of[0], names)}"
        )
