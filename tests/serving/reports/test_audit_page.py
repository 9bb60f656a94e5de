from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from models.credit_model import CreditModel
from serving.reports.audit import AuditSummary, audit
from serving.reports.audit_page import audit_table, write_audit_page

DAY = date(2025, 6, 30)


@pytest.fixture(scope="module")
def summary(credit_model: CreditModel, tables: Path) -> AuditSummary:
    return audit(credit_model, tables, DAY)


def test_one_page_says_it_all(summary: AuditSummary, tmp_path: Path) -> None:
    out = tmp_path / "audit.html"
    write_audit_page(summary, out)
    page = out.read_text(encoding="utf-8")
    for heading in (
        "Grades", "Largest expected losses", "Owed above the limit", "Owed above what is granted",
        "Concentration", "By grade", "By sector", "By country", "Data quality",
    ):  # fmt: skip
        assert f"<h2>{heading}</h2>" in page
    assert f"{summary.totals()['open']:,.2f}" in page  # to the cent
    assert summary.largest("expected_loss").index[0] in page
    assert "<script>alert(1)" not in page


def test_without_granted_limits_the_page_does_not_compare(
    summary: AuditSummary, tmp_path: Path
) -> None:
    bare = replace(summary, buyers=summary.buyers.assign(granted=float("nan")))
    write_audit_page(bare, tmp_path / "audit.html")
    assert "Owed above what is granted" not in (tmp_path / "audit.html").read_text()


def test_the_screen_shows_the_essentials(summary: AuditSummary) -> None:
    console = Console(width=120)
    with console.capture() as screen:
        console.print(audit_table(summary))
    text = screen.get()
    assert f"{summary.totals()['exposure']:,.2f}" in text
    for word in ("grades", "HHI", "buyers without accounts", "rows refused by the import"):
        assert word in text
