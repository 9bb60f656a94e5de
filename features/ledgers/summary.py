"""What an import did: rows read, good, filled in and refused, by table."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group
from rich.table import Table
from rich.text import Text


@dataclass(frozen=True)
class TableSummary:
    """Counts of one raw table. Every row read is good or refused; `written` rows may be fewer
    than the good ones (payments that settled an invoice at once are its `paid_on`) or more."""

    read: int
    good: int
    written: int
    refused: Mapping[str, int]
    filled: Mapping[str, int]

    def __post_init__(self) -> None:
        if self.good + sum(self.refused.values()) != self.read:
            raise AssertionError(f"rows were lost: {self}")


@dataclass(frozen=True)
class ImportSummary:
    """What an import wrote to the portfolio `out`."""

    out: Path
    tables: Mapping[str, TableSummary]
    notes: tuple[str, ...] = ()

    @property
    def read(self) -> int:
        """Rows read, of all tables."""
        return sum(table.read for table in self.tables.values())

    @property
    def good(self) -> int:
        """Rows accepted, of all tables."""
        return sum(table.good for table in self.tables.values())

    @property
    def refused(self) -> int:
        """Rows refused, of all tables; refused.csv lists them."""
        return self.read - self.good

    def table(self) -> Group:
        """The counts as rich prints them, with what else there is to know."""
        table = Table(title=f"Imported to {self.out}", title_justify="left")
        table.add_column("table")
        for heading in ("read", "good", "written", "refused"):
            table.add_column(heading, justify="right")
        table.add_column("filled in")
        table.add_column("refused because")
        for name, counts in self.tables.items():
            table.add_row(
                name,
                f"{counts.read:,}",
                f"{counts.good:,}",
                f"{counts.written:,}",
                f"{counts.read - counts.good:,}",
                _lines(counts.filled),
                _lines(counts.refused),
            )
        notes = [Text(f"• {note}") for note in self.notes]
        if self.refused:
            notes.append(Text(f"• refused rows, line by line: {self.out / 'refused.csv'}"))
        return Group(table, *notes)


def _lines(counts: Mapping[str, int]) -> str:
    most_first = sorted(counts.items(), key=lambda item: -item[1])
    return "\n".join(f"{count:,} {what}" for what, count in most_first if count)
