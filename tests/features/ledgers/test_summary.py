"""The summary of an import: counts that add up, shown in one table."""

import io
from pathlib import Path

import pytest
from rich.console import Console

from features.ledgers.summary import ImportSummary, TableSummary


def test_rows_that_do_not_add_up_are_an_error() -> None:
    with pytest.raises(AssertionError, match="rows were lost"):
        TableSummary(read=3, good=1, written=1, refused={"missing": 1}, filled={})


def test_everything_is_shown() -> None:
    invoices = TableSummary(1_234, 1_200, 1_100, {"duplicate": 4, "missing": 30}, {"due_on": 7})
    buyers = TableSummary(5, 5, 5, {}, {"country": 0})
    summary = ImportSummary(
        Path("var/x"), {"invoices": invoices, "buyers": buyers}, ("2 blank lines in a.csv",)
    )
    assert (summary.read, summary.good, summary.refused) == (1_239, 1_205, 34)
    console = Console(width=120, file=io.StringIO())
    with console.capture() as captured:
        console.print(summary.table())
    shown = captured.get()
    for text in ("1,234", "1,200", "1,100", "30 missing", "4 duplicate", "7 due_on"):
        assert text in shown
    assert "2 blank lines in a.csv" in shown
    assert "var/x/refused.csv" in shown
    assert "country" not in shown
