"""Ledgers as users bring them, each through a mapping alone."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine

from features.build import build_features
from features.ledgers.import_ledger import import_ledger
from features.ledgers.mapping import EXAMPLES
from features.tables import read_tables

Rows = list[dict[str, Any]]


class Imported:
    """What an import wrote: the rows of each table, and the refused rows."""

    def __init__(self, out: Path) -> None:
        self.tables = read_tables(out)
        with (out / "refused.csv").open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.refused = [(int(row["line"]), row["column"], row["reason"]) for row in rows]

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        return [tuple(row.values()) for row in self.tables[table].select(columns).to_pylist()]


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Imported]:
    def run(mapping: str, source: Path | str = tmp_path) -> Imported:
        (tmp_path / "mapping.toml").write_text(mapping, "utf-8")
        import_ledger(tmp_path / "mapping.toml", source, tmp_path / "out")
        return Imported(tmp_path / "out")

    return run


SAP_LIST = """\
Debitoren Einzelpostenliste                                            Seite 1

Debitor        100043
Name           Müller & Söhne GmbH

----------------------------------------------------------------------------------------
|S |Konto |Belegnr   |Art|Belegdatum|Nettofällig|Betrag in BW |Währg|Ausgleich |Ausgl.bel.|
----------------------------------------------------------------------------------------
|  |100043|1800000001|RV |31.01.2024|01.03.2024 |   1.234,56  |EUR  |15.03.2024|1400000001|
|  |100043|1800000002|RV |29.02.2024|30.03.2024 |  12.000,00  |EUR  |          |          |
|  |100043|1600000009|RG |05.03.2024|           |     250,00- |EUR  |          |          |
|  |100043|1400000001|DZ |15.03.2024|15.03.2024 |   1.234,56- |EUR  |15.03.2024|1400000001|
|  |100043|1800000003|RV |31.04.2024|30.05.2024 |     100,00  |EUR  |          |          |
----------------------------------------------------------------------------------------
|* |Konto 100043                             |  12.984,56  |EUR  |
----------------------------------------------------------------------------------------
"""


def test_a_printed_sap_list(tmp_path: Path, imported: Callable[..., Imported]) -> None:
    (tmp_path / "fbl5n.txt").write_text(SAP_LIST, "cp1252")
    book = imported("""
        [format]
        delimiter = "|"
        [invoices]
        file = "*fbl5n*"
        [invoices.columns]
        invoice_id = "Belegnr"
        buyer_id = "Konto"
        issued_on = "Belegdatum"
        due_on = { columns = "Nettofällig", optional = true }
        paid_on = "Ausgleich"
        amount = "Betrag in BW"
        currency = "Währg"
        [invoices.terms]
        default = "30 Tage netto"
        [invoices.payments]
        when = { columns = "Art", values = "DZ" }
        match = "Ausgl.bel."
        [buyers]
        derived_from = "invoices"
        [buyers.columns]
        buyer_id = "Konto"
        country = { default = "DE" }
    """)
    assert book.rows("invoices", "invoice_id", "amount", "due_on", "paid_on") == [
        ("1800000001", 1234.56, date(2024, 3, 1), date(2024, 3, 15)),
        ("1800000002", 12_000.0, date(2024, 3, 30), None),
        ("1600000009", -250.0, date(2024, 4, 4), None),
    ]
    assert book.refused == [(13, "issued_on", "not a date"), (15, "", "wrong number of fields")]


SAP_US = """\
\ufeffCustomer\tDocument Number\tCompany Code\tFiscal Year\tLine item\tDocument Type\tDocument Date\
\tNet due date\tClearing date\tAmount in doc. curr.\tDocument currency\tPayment terms
0000100043\t18001\tUS01\t2024\t1\tRV\t01/31/2024\t03/01/2024\t03/15/2024\t1,234.56\tUSD\tNT30
100043\t18002\tUS01\t2024\t1\tRV\t02/29/2024\t\t\t12,000.00\tUSD\tNT60
100043\t16002\tUS01\t2023\t1\tRG\t12/31/2023\t\t\t250.00-\tUSD\t2/10 net 30
100044\t16003\tUS01\t2023\t1\tRV\t12/31/2023\t\t\t0.00\tUSD\tNT30
"""


def test_an_american_sap_spreadsheet_which_is_text(
    tmp_path: Path, imported: Callable[..., Imported]
) -> None:
    (tmp_path / "FBL5N.xls").write_bytes(SAP_US.replace("\n", "\r\n").encode("utf-16-le"))
    sap = (EXAMPLES / "sap.toml").read_text("utf-8").replace('"dd/mm/yyyy"]', '"mm/dd/yyyy"]')
    book = imported(sap)
    assert book.rows("invoices", "invoice_id", "buyer_id", "amount", "issued_on", "due_on") == [
        ("16002-US01-2023-1", "100043", -250.0, date(2023, 12, 31), date(2024, 1, 30)),
        ("18001-US01-2024-1", "100043", 1234.56, date(2024, 1, 31), date(2024, 3, 1)),
        ("18002-US01-2024-1", "100043", 12_000.0, date(2024, 2, 29), date(2024, 4, 29)),
    ]
    assert book.refused == [(5, "amount", "amount of zero")]


ODOO = """\
"name","partner_id","invoice_date","invoice_date_due","amount_total_in_currency_signed",\
"currency_id","move_type","state","payment_state","amount_residual","invoice_payment_term_id"
"INV/1","Azure, Brandon","2024-01-31","","1080.0","USD","Customer Invoice","Posted","Not Paid",\
"1080.0","End of Following Month"
"INV/2","Azure, Brandon","2024-02-29","2024-03-31","500.0","EUR","Customer Invoice","Posted",\
"Partial","200.0",""
"/","Azure, Brandon","2024-03-05","","42.0","EUR","Customer Invoice","Draft","Not Paid","42.0",""
"INV/3","Tokyo KK","2024-03-01","2024-03-31","150000","JPY","Customer Invoice","Posted",\
"Not Paid","150000","30 Days"
"""
PAYMENTS = '"name","memo","date","amount"\n"BNK1","INV/2","2024-03-20","300.0"\n'
ECB = """\
Date,USD,JPY,
2024-04-02,1.20,150,
2024-03-28,1.08,N/A,
2024-03-27,1.00,160,
"""
WIDE_RATES = """
[fx]
file = "eurofxref*"
format.nulls = ["N/A"]
unpivot = { keep = "Date", header = "Currency", cell = "Rate" }
[fx.columns]
currency = "Currency"
quoted_on = "Date"
rate = { columns = "Rate", inverse = true }
"""


def test_odoo_in_three_currencies_with_the_rates_of_the_ecb(
    tmp_path: Path, imported: Callable[..., Imported]
) -> None:
    files = {"account.move.csv": ODOO, "payment.csv": PAYMENTS, "eurofxref-hist.csv": ECB}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    book = imported((EXAMPLES / "odoo.toml").read_text("utf-8") + WIDE_RATES)
    assert [reason for *_, reason in book.refused] == ["excluded by the mapping (state)"]
    assert book.rows("payments", "invoice_id", "paid_on", "amount") == [
        ("INV/2", date(2024, 3, 20), 300.0)
    ]
    assert book.rows("invoices", "invoice_id", "due_on")[0] == ("INV/1", date(2024, 2, 29))
    buyers = ["Azure, Brandon", "Tokyo KK"]
    days = pd.to_datetime(["2024-03-27", "2024-04-01", "2024-04-02"])
    keys = pd.MultiIndex.from_product([buyers, days], names=["buyer_id", "as_of_date"])
    features = build_features(book.tables, keys.to_frame(index=False))
    owed = features["open_amount"].to_numpy().reshape(2, 3).tolist()
    # Each day's balance by the last rate known then: Thursday's still holds on Easter Monday.
    assert owed == [[1280.0, 1200.0, 1100.0], [937.5, 937.5, 1000.0]]


def test_parquet_with_types_and_time_zones(
    tmp_path: Path, imported: Callable[..., Imported]
) -> None:
    late = datetime(2024, 5, 1, 3, 30, tzinfo=UTC)  # still 30 April in New York
    ledger = pa.table(
        {
            "InvoiceID": pa.array([1, 2, 3, 4], pa.int64()),
            "CustomerID": [77.0, 77.0, 78.0, 79.0],
            "At": [datetime(2024, 3, 31, 23, 30)] * 4,
            "Due": pa.array([late, None, late, late], pa.timestamp("us", "UTC")),
            "Gross": [Decimal("1234.50"), Decimal("20.00"), Decimal("5.00"), None],
            "Currency": pa.array(["usd", "USD", "GBP", "USD"]).dictionary_encode(),
            "IsCredit": [False, True, False, False],
        }
    )
    pq.write_table(ledger, tmp_path / "part-0.parquet")
    pq.write_table(ledger.slice(0, 1), tmp_path / "part-1.parquet")
    book = imported("""
        [format]
        time_zone = "America/New_York"
        naive_time_zone = "UTC"
        [invoices]
        file = "part-*.parquet"
        [invoices.columns]
        invoice_id = "InvoiceID"
        buyer_id = "CustomerID"
        issued_on = "At"
        due_on = "Due"
        amount = { columns = "Gross", negative_when = { columns = "IsCredit", values = "true" } }
        currency = "Currency"
        [invoices.terms]
        default = "Net 30"
        [buyers]
        derived_from = "invoices"
        [buyers.columns]
        buyer_id = "CustomerID"
        country = { default = "US" }
    """)
    due = date(2024, 4, 30)
    assert book.rows("invoices", "invoice_id", "buyer_id", "issued_on", "due_on", "amount") == [
        ("1", "77", date(2024, 3, 31), due, 1234.5),
        ("2", "77", date(2024, 3, 31), due, -20.0),
        ("3", "78", date(2024, 3, 31), due, 5.0),
    ]
    assert book.rows("invoices", "currency") == [("USD",), ("USD",), ("GBP",)]
    assert book.refused == [(4, "amount", "missing"), (1, "invoice_id", "duplicate")]


FRENCH_TABLES = {
    "bilans.csv": """\
SIREN;Raison sociale;Date clôture;Date dépôt;Durée;Total bilan;Capitaux propres;Résultat net
552100554;Acier & Cie;31/12/2023;15/07/2024;12;12 500;-1 200;(350)
552100554;Acier & Cie;31/12/2023;20/11/2024;12;12 500;-1 500;(650)
333333333;Bois SA;30/06/2023;;18;n.c.;500;10,5
""",
    "balance.csv": """\
SIREN;Date;Non échu;1-30 j;31-60 j;61-90 j;91-180 j;+180 j;Avoirs
552100554;30/06/2024;10 000,00;2 000,00;500,00;0,00;0,00;;100,00
;;;;;;;;Total 12 400,00
""",
    "incidents.csv": """\
SIREN;Date;Parution;Type
552100554;5 mars 2024;14 mars 2024;Redressement judiciaire
333333333;1er avril 2024;;Plan
""",
}
FRENCH = """
[format]
dates = ["dd/mm/yyyy", "d mmmm yyyy"]
nulls = ["n.c."]
[statements]
file = "bilans*"
lag_days = 210
[statements.columns]
buyer_id = "SIREN"
closing_date = "Date clôture"
available_at = "Date dépôt"
months = "Durée"
total_assets = { columns = "Total bilan", scale = 1000 }
equity = { columns = "Capitaux propres", scale = 1000 }
net_income = { columns = "Résultat net", scale = 1000 }
[ageing]
file = "balance*"
[ageing.columns]
buyer_id = "SIREN"
balance_date = "Date"
not_due = "Non échu"
days_1_30 = "1-30 j"
days_31_60 = "31-60 j"
days_61_90 = "61-90 j"
days_91_180 = "91-180 j"
over_180 = "+180 j"
unallocated_credits = { columns = "Avoirs", scale = -1 }
[incidents]
file = "incidents*"
[incidents.columns]
buyer_id = "SIREN"
event_date = "Date"
known_on = "Parution"
kind = { columns = "Type", values = { "Redressement judiciaire" = "insolvency_opened" } }
[buyers]
derived_from = "statements"
[buyers.columns]
buyer_id = "SIREN"
name = "Raison sociale"
country = { default = "FR" }
"""


def test_french_accounts_balances_and_judgments(
    tmp_path: Path, imported: Callable[..., Imported]
) -> None:
    for name, text in FRENCH_TABLES.items():
        (tmp_path / name).write_text(text, "cp1252")
    book = imported(FRENCH)
    assert book.rows("statements", "available_at", "total_assets", "equity", "net_income") == [
        (date(2024, 1, 26), None, 500_000.0, 10_500.0),
        (date(2024, 7, 15), 12_500_000.0, -1_200_000.0, -350_000.0),
        (date(2024, 11, 20), 12_500_000.0, -1_500_000.0, -650_000.0),
    ]
    assert book.rows("ageing", "not_due", "over_180", "unallocated_credits") == [
        (10_000.0, None, -100.0)
    ]
    assert book.rows("incidents", "event_date", "known_on", "kind") == [
        (date(2024, 3, 5), date(2024, 3, 14), "insolvency_opened")
    ]
    assert book.refused == [(3, "", "a totals row"), (3, "kind", "unknown kind")]


ERP = {
    "customers": [(1, "Ünal A.Ş.", "TR"), (2, "Smith's", "GB"), (3, "Nowhere", None)],
    "ledger": [
        ("A-1", 1, "2024-01-31", "2/10 net 30", 100.1),
        ("A-2", 2, "2024-02-29", "EOM", 200.0),
        ("A-3", 3, "2024-03-01", "30", 1000.0),
        ("A-1", 1, "2024-01-31", "2/10 net 30", 100.1),
    ],
    "cash": [("A-1", "2024-02-15", 50.05), ("A-1", "2024-03-20", 50.05), ("A-9", "2024-03-01", 1)],
}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, imported: Callable[..., Imported]
) -> None:
    address = f"sqlite:///{tmp_path / 'erp.db'}"
    day, number = "text", "real"
    if kind == "postgresql":
        address = request.getfixturevalue("postgresql").replace("postgresql+psycopg", "postgresql")
        day, number = "date", "numeric(12, 2)"
    engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        for table, columns in {
            "customers": "id integer, name text, country text",
            "ledger": f"no text, client integer, day {day}, terms text, amount {number}",
            "cash": f"invoice text, day {day}, amount {number}",
        }.items():
            connection.exec_driver_sql(f"drop table if exists {table}")
            connection.exec_driver_sql(f"create table {table} ({columns})")
            mark = "%s" if kind == "postgresql" else "?"
            marks = ", ".join([mark] * len(ERP[table][0]))
            connection.exec_driver_sql(f"insert into {table} values ({marks})", ERP[table])
    engine.dispose()
    book = imported(
        """
        [invoices]
        query = "select * from ledger order by no"
        columns = { invoice_id = "no", buyer_id = "client", issued_on = "day", amount = "amount" }
        terms = { columns = "terms" }
        [payments]
        query = "select * from cash order by invoice, day"
        columns = { invoice_id = "invoice", paid_on = "day", amount = "amount" }
        [buyers]
        query = "select * from customers order by id"
        columns = { buyer_id = "id", name = "name", country = "country" }
        """,
        address,
    )
    assert book.rows("invoices", "invoice_id", "due_on", "paid_on", "amount") == [
        ("A-1", date(2024, 3, 1), date(2024, 3, 20), 100.1),
        ("A-2", date(2024, 2, 29), None, 200.0),
    ]
    assert book.rows("payments", "paid_on", "amount") == [
        (date(2024, 2, 15), 50.05),
        (date(2024, 3, 20), 50.05),
    ]
    assert book.refused == [
        (3, "country", "missing"),
        (2, "invoice_id", "duplicate"),
        (4, "buyer_id", "unknown buyer"),
        (3, "invoice_id", "payment of no invoice"),
    ]


def test_a_workbook(
    tmp_path: Path, imported: Callable[..., Imported], write_workbook: Callable[..., None]
) -> None:
    rows = [
        ["Grand livre clients", None, None, None, None],
        ["N° facture", "Client", "Date", "Réglée le", "Montant TTC"],
        [2024001, "C001", date(2024, 2, 29), date(2024, 4, 15), 1234.5],
        [2024002, "C001", "31/03/2024", None, "1 000,00 €"],
        [2024003, "C002", date(2024, 3, 31), None, -99.99],
        ["Total", None, None, None, 2134.51],
    ]
    write_workbook(tmp_path / "ledger.xlsx", rows)
    book = imported(
        """
        [format]
        dates = "dd/mm/yyyy"
        decimal = ","
        thousands = " "
        sheet = "Grand livre"
        [invoices.columns]
        invoice_id = "N° facture"
        buyer_id = "Client"
        issued_on = "Date"
        paid_on = "Réglée le"
        amount = "Montant TTC"
        [invoices.terms]
        default = "45 jours fin de mois"
        [buyers]
        derived_from = "invoices"
        [buyers.columns]
        buyer_id = "Client"
        country = { default = "FR" }
        """,
        tmp_path / "ledger.xlsx",
    )
    assert book.rows("invoices", "invoice_id", "issued_on", "due_on", "paid_on", "amount") == [
        ("2024001", date(2024, 2, 29), date(2024, 4, 30), date(2024, 4, 15), 1234.5),
        ("2024002", date(2024, 3, 31), date(2024, 5, 31), None, 1000.0),
        ("2024003", date(2024, 3, 31), date(2024, 5, 31), None, -99.99),
    ]
    assert book.refused == [(6, "", "a totals row")]
