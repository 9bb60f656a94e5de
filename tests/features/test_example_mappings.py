"""The example mappings, on small exports as SAP, Sage and Odoo write them."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.ledgers.import_ledger import import_ledger
from features.ledgers.mapping import find_mapping
from features.tables import read_tables


def invoices(out: Path) -> dict[str, dict[str, Any]]:
    return {row["invoice_id"]: row for row in read_tables(out)["invoices"].to_pylist()}


def refused(out: Path) -> list[tuple[int, str, str, str]]:
    with (out / "refused.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(row["file"] and row["remedy"] for row in rows)
    return [(int(row["line"]), row["column"], row["value"], row["reason"]) for row in rows]


SAP = """\
BUKRS;KUNNR;NAME1;BELNR;GJAHR;BUZEI;BLART;BLDAT;ZFBDT;ZBD1T;ZTERM;AUGDT;AUGBL;DMBTR;SHKZG;WAERS;REBZG;REBZJ;REBZZ
1000;0000100001;Müller AG;1800000001;2024;001;RV;15.01.2024;15.01.2024;30;Z030;20.02.2024;1400000010;1.190,00;S;EUR;;0000;000
1000;0000100001;Müller AG;1400000010;2024;001;DZ;20.02.2024;20.02.2024;0;;20.02.2024;1400000010;1.190,00;H;EUR;;0000;000
1000;0000100001;Müller AG;1800000002;2024;001;RV;31.01.2024;31.01.2024;0;ZM45;00.00.0000;;10.000,00;S;EUR;;0000;000
1000;0000100001;Müller AG;1400000011;2024;001;DZ;10.03.2024;10.03.2024;0;;00.00.0000;;4.000,00;H;EUR;1800000002;2024;001
1000;0000100002;Schmidt KG;1600000001;2024;001;DG;01.02.2024;01.02.2024;0;;00.00.0000;;250,50;H;EUR;;0000;000
1000;0000100002;Schmidt KG;1600000002;2024;001;RV;01.02.2024;01.02.2024;60;;00.00.0000;;99,99;S;EURO;;0000;000
"""  # noqa: E501


def test_sap_line_items(tmp_path: Path) -> None:
    (tmp_path / "bsid_bsad.csv").write_text(SAP, "cp1252")
    summary = import_ledger(find_mapping("sap"), tmp_path, tmp_path / "out")
    book = invoices(summary.out)
    first, second, credit = (
        book[f"{n}-1000-2024-001"] for n in (1800000001, 1800000002, 1600000001)
    )
    assert (first["due_on"], first["paid_on"]) == (date(2024, 2, 14), date(2024, 2, 20))
    assert (second["due_on"], second["paid_on"]) == (date(2024, 3, 31), None)
    assert (second["amount"], credit["amount"]) == (10_000.0, -250.5)
    (part,) = read_tables(summary.out)["payments"].to_pylist()
    assert (part["invoice_id"], part["amount"]) == ("1800000002-1000-2024-001", 4_000.0)
    assert summary.tables["payments"].good == 2
    assert refused(summary.out) == [(7, "currency", "EURO", "unknown currency")]
    assert read_tables(summary.out)["buyers"]["name"].to_pylist() == ["Müller AG", "Schmidt KG"]


SAGE = """\
Société DUPONT SA;;;;;;;;
Grand livre des tiers;Période du 01/01/24 au 30/06/24;;;;;;;

Journal;Date;N° pièce;Compte tiers;Intitulé;Échéance;Débit;Crédit;Lettrage
AN;01/01/24;AN1;CDURAND;Durand;;500,00;;
VE;05/01/24;FA001;CDURAND;Durand;31/01/24;1 200,00;;A
BQ;10/02/24;BQ010;CDURAND;Durand;;;1 200,00;A
VE;15/01/24;FA002;CMARTIN;Martin;;2 400,50;;b
BQ;20/03/24;BQ011;CMARTIN;Martin;;;1 000,00;b
VE;20/01/24;AV001;CDURAND;Durand;;;100,00;
BQ;21/03/24;BQ012;CMARTIN;Martin;;;50,00;
;;;;;Total CDURAND;1 700,00;1 300,00;
"""


@pytest.mark.parametrize("space", [" ", "\u00a0"])
def test_sage_ledger(tmp_path: Path, space: str) -> None:
    path = tmp_path / "grand_livre.txt"
    path.write_bytes(SAGE.replace("1 ", f"1{space}").replace("\n", "\r\n").encode("cp1252"))
    summary = import_ledger(find_mapping("sage"), path, tmp_path / "out")
    book = invoices(summary.out)
    assert {number: (row["amount"], row["paid_on"]) for number, row in book.items()} == {
        "FA001": (1200.0, date(2024, 2, 10)),
        "FA002": (2400.5, None),
        "AV001": (-100.0, None),
    }
    assert book["FA002"]["due_on"] == date(2024, 2, 29)  # 30 jours fin de mois
    (part,) = read_tables(summary.out)["payments"].to_pylist()
    assert (part["invoice_id"], part["paid_on"], part["amount"]) == (
        *("FA002", date(2024, 3, 20)),
        1000.0,
    )
    assert sorted(refused(summary.out)) == [
        (5, "Journal", "AN", "excluded by the mapping (Journal)"),
        (11, "invoice_id", "BQ012", "payment of no invoice"),
        (12, "", "Total CDURAND", "a totals row"),
    ]


def test_sage_ledger_without_journal(tmp_path: Path) -> None:
    """Then every credit is a payment."""
    path = tmp_path / "grand_livre.csv"
    lines = [line.split(";", 1)[1] for line in SAGE.splitlines()[3:] if not line.startswith("AN")]
    path.write_text("\n".join(lines), "utf-8-sig")
    summary = import_ledger(find_mapping("sage"), path, tmp_path / "out")
    assert sorted(invoices(summary.out)) == ["FA001", "FA002"]
    assert (7, "invoice_id", "AV001", "payment of no invoice") not in refused(summary.out)
    assert {reason for *_, reason in refused(summary.out)} == {
        "payment of no invoice",
        "a totals row",
    }


ODOO = """\
"name","partner_id","invoice_date","invoice_date_due","move_type","state","payment_state","amount_total_signed","amount_residual","currency_id"
"INV/2024/00001","Azure Interior","2024-01-10","2024-02-09","Customer Invoice","posted","paid","1150.0","0.0","EUR"
"INV/2024/00002","Azure Interior","2024-02-10","2024-03-11","Customer Invoice","posted","partial","2300.0","1300.0","EUR"
"INV/2024/00003","Deco Addict","2024-02-15","False","Customer Invoice","posted","not_paid","862.5","862.5","USD"
"RINV/2024/00001","Deco Addict","2024-02-20","2024-02-20","Customer Credit Note","posted","not_paid","-100.0","-100.0","USD"
"False","Deco Addict","2024-02-20","2024-02-20","Customer Invoice","draft","not_paid","5.0","5.0","USD"
"INV/2024/00004","Deco Addict","2024-02-21","2024-03-20","Customer Invoice","posted","paid","500.0","0.0","USD"
"BILL/2024/1","Gemini","2024-02-21","2024-03-20","in_invoice","posted","paid","-500.0","0.0","USD"
"""  # noqa: E501


def test_odoo_moves_alone(tmp_path: Path) -> None:
    (tmp_path / "account.move.csv").write_text(ODOO)
    summary = import_ledger(
        find_mapping("odoo"), tmp_path / "account.move.csv", tmp_path / "out", date(2024, 6, 30)
    )
    book = invoices(summary.out)
    assert book["INV/2024/00001"]["paid_on"] == date(2024, 2, 9)  # assumed, and counted
    assert book["INV/2024/00003"]["due_on"] == date(2024, 3, 16)
    assert book["RINV/2024/00001"]["amount"] == -100.0
    assert summary.tables["invoices"].filled == {"due_on": 1, "paid_on": 2}
    (part,) = read_tables(summary.out)["payments"].to_pylist()
    assert (part["amount"], part["paid_on"]) == (1000.0, date(2024, 6, 30))
    assert [(line, reason) for line, *_, reason in refused(summary.out)] == [
        (6, "excluded by the mapping (state)"),
        (8, "excluded by the mapping (move_type)"),
    ]


def test_odoo_moves_with_payments(tmp_path: Path) -> None:
    (tmp_path / "account.move.csv").write_text(ODOO)
    (tmp_path / "account.payment.csv").write_text(
        "date,amount,ref\n2024-02-20,1150.0,INV/2024/00001\n2024-03-01,400.0,INV/2024/00002\n"
        "2024-03-05,10.0,INV/2023/99999\n"
    )
    summary = import_ledger(find_mapping("odoo"), tmp_path, tmp_path / "out")
    assert invoices(summary.out)["INV/2024/00001"]["paid_on"] == date(2024, 2, 20)
    parts = read_tables(summary.out)["payments"].to_pylist()
    assert sorted(part["amount"] for part in parts) == [400.0, 600.0]
    assert {part["invoice_id"] for part in parts} == {"INV/2024/00002"}
    assert (4, "invoice_id", "INV/2023/99999", "payment of no invoice") in refused(summary.out)


def test_the_examples_name_the_columns_they_miss(tmp_path: Path) -> None:
    (tmp_path / "ledger.csv").write_text("a;b\n1;2\n")
    for name in ("sap", "sage", "odoo"):
        with pytest.raises(ValueError, match=r"ledger\.csv: no column '"):
            import_ledger(find_mapping(name), tmp_path / "ledger.csv", tmp_path / "out")
