"""What a person says of a file becomes a mapping that imports it, here and on the command line."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from features.ledgers.import_ledger import import_ledger
from features.ledgers.mapping import Mapping
from features.ledgers.proposed_mapping import Proposal

LEDGER = 'Number;"Cust ""x"" é";Date;Sum\n1;C1;05/01/2025;1200,50\n2;C2;25/01/2025;300,00\n'
COLUMNS = {"invoice_id": "Number", "buyer_id": 'Cust "x" é', "issued_on": "Date", "amount": "Sum"}


def test_the_mapping_imports_the_file(tmp_path: Path) -> None:
    (tmp_path / "ledger.csv").write_text(LEDGER)
    (tmp_path / "mapping.toml").write_text(Proposal("invoices", COLUMNS, terms="60 days").to_toml())
    out = tmp_path / "out"
    summary = import_ledger(tmp_path / "mapping.toml", tmp_path / "ledger.csv", out)
    assert (summary.read, summary.refused) == (4, 0)
    invoices = pq.read_table(out / "invoices.parquet")
    assert invoices["due_on"].to_pylist() == [date(2025, 3, 6), date(2025, 3, 26)]
    assert invoices["currency"].to_pylist() == ["EUR", "EUR"]


def test_a_balance_without_a_day_gets_the_one_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "aged.csv").write_text("Customer;0-30;31-60\nC1;10;5\n")
    columns = {"buyer_id": "Customer", "days_1_30": "0-30", "days_31_60": "31-60"}
    day = date(2025, 12, 31)
    proposal = Proposal("ageing", columns, balance_date=day, country="BE", currency="GBP")
    assert proposal.lacks == []
    (tmp_path / "mapping.toml").write_text(proposal.to_toml())
    import_ledger(tmp_path / "mapping.toml", tmp_path / "aged.csv", tmp_path / "out")
    row = pq.read_table(tmp_path / "out/ageing.parquet").to_pylist()[0]
    assert (row["balance_date"], row["currency"], row["days_31_60"]) == (day, "GBP", 5.0)
    assert pq.read_table(tmp_path / "out/buyers.parquet")["country"].to_pylist() == ["BE"]


@pytest.mark.parametrize(
    ("proposal", "lacks"),
    [
        (Proposal("invoices", {}), ["invoice_id", "issued_on", "amount"]),
        (Proposal("invoices", COLUMNS, terms=""), ["due_on"]),
        (Proposal("ageing", {"buyer_id": "x"}), ["balance_date"]),
    ],
)
def test_what_is_missing_is_named(proposal: Proposal, lacks: list[str]) -> None:
    assert [name for name in proposal.lacks if name != "buyer_id"] == lacks


def test_options_are_written_where_they_are_said(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(Proposal("invoices", COLUMNS, month_first=True, decimal=",").to_toml())
    form = Mapping.load(file).tables["invoices"].format
    assert form.decimal == ","
    assert form.dates[0] == "mm/dd/yyyy"
