"""Public data sets as portfolios. Each adapter says what it assumes; their READMEs say the rest."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from features.accounts.peer_table import peer_table
from features.facts import Facts
from features.ledgers.checks import REFUSED, check
from features.ledgers.duplicates import refuse_duplicates
from features.ledgers.mapping import nearest
from features.ledgers.staging import add_tables, publish
from features.ledgers.summary import ImportSummary, TableSummary
from features.tables import TABLES, Tables

PUBLICATION_LAG = np.timedelta64(90, "D")  # 10-K practice
# The paper says millions, one description of the set thousands; millions give firms their size (a
# market value of 1.07 trillion in 2018). Ratios do not care, limits do.
DOLLARS = 1_000_000.0
UK_YEARS = range(2016, 2026)
USUAL_TERMS = pd.Timedelta(days=30)
# European Central Bank, averages of 2018 and 2019: units for one euro.
YEARLY_RATES = {date(2018, 12, 31): (1.1810, 1.5294), date(2019, 12, 31): (1.1195, 1.4855)}

_AMERICAN_ACCOUNTS = {
    "X1": "current_assets",
    "X2": "cost_of_sales",
    "X3": "depreciation",
    "X4": "ebitda",
    "X5": "inventory",
    "X6": "net_income",
    "X7": "receivables",
    "X8": "market_value",
    "X9": "revenue",
    "X10": "total_assets",
    "X11": "financial_debt",
    "X12": "ebit",
    "X14": "current_liabilities",
    "X15": "retained_earnings",
    "X17": "total_liabilities",
}


def import_public(name: str, source_folder: Path, out: Path) -> ImportSummary:
    """Turn the public data set `name` in `source_folder` into the portfolio `out`.

    `uk-sectors` is context without buyers: it is added to the portfolio that stands there. Raises
    ValueError for an unknown name, FileNotFoundError where the folder lacks the set's file.
    """
    if name not in _ADAPTERS:
        raise ValueError(f"unknown data set {name!r}; {nearest(name, _ADAPTERS)}")
    tables, extra = _ADAPTERS[name](source_folder)
    good, refused, summaries = {}, [REFUSED.empty_table()], {}
    for table, rows in tables.items():
        checked, bad = check(table, rows)
        good[table], again = refuse_duplicates(table, checked)
        refused += [bad, again]
        reasons = Counter([*bad["reason"].to_pylist(), *again["reason"].to_pylist()])
        summaries[table] = TableSummary(len(rows), len(good[table]), len(good[table]), reasons, {})
    if "buyers" in good:
        publish(out, good, pa.concat_tables(refused), extra)
    else:
        add_tables(out, good)
    return ImportSummary(out, summaries)


def _american_bankruptcy(folder: Path) -> tuple[Tables, dict[str, pa.Table]]:
    """Listed American firms, 1999-2018. Fiscal years are taken to end on 31 December and to be
    published 90 days later; equity is what total assets exceed total liabilities by.

    A failed firm filed for bankruptcy in the year after its last row, on a day nobody tells: the
    middle of that year is taken, three months after the last accounts were published. Gross profit,
    total revenue and operating expenses (X13, X16, X18) follow from the other columns. Table
    `peers` holds the quantiles of the set itself on each day of publication. The extra file
    `labels.parquet` holds both labels of the literature: whether the firm fails within the
    year after the row, and whether it ever does.
    """
    rows = pd.read_csv(folder / "american_bankruptcy.csv.gz")
    year = (rows["year"].to_numpy() - 1970).astype("datetime64[Y]")
    closing = (year + 1).astype("datetime64[D]") - 1
    failed = rows["status_label"].eq("failed")
    last = rows["year"].eq(rows.groupby("company_name")["year"].transform("max"))
    accounts = rows[list(_AMERICAN_ACCOUNTS)].rename(columns=_AMERICAN_ACCOUNTS)
    accounts = (accounts * DOLLARS).round(2)
    statements = accounts.assign(
        buyer_id=rows["company_name"],
        closing_date=closing,
        available_at=closing + PUBLICATION_LAG,
        currency="USD",
        months=12.0,
        consolidated=True,
        audited=True,
        equity=accounts["total_assets"] - accounts["total_liabilities"],
    )
    fails = (failed & last).to_numpy()
    filed = (year[fails] + 1).astype("datetime64[M]") + 6
    incidents = pd.DataFrame(
        {
            "buyer_id": rows["company_name"][fails],
            "event_date": filed.astype("datetime64[D]"),
            "known_on": filed.astype("datetime64[D]"),
            "kind": "insolvency_opened",
        }
    )
    buyers = pd.DataFrame({"buyer_id": rows["company_name"].unique()})
    labels = pd.DataFrame(
        {
            "buyer_id": rows["company_name"],
            "closing_date": closing,
            "fails_next_year": fails,
            "ever_fails": failed,
        }
    )
    tables = {
        "buyers": _table("buyers", buyers.assign(country="US", entity_type="company")),
        "statements": _table("statements", statements),
        "incidents": _table("incidents", incidents),
    }
    published = np.unique(statements["available_at"].to_numpy("datetime64[D]")).tolist()
    tables["peers"] = peer_table(Facts.of(tables, "USD"), published)
    return tables, {"labels.parquet": pa.Table.from_pandas(labels, preserve_index=False)}


def _highradius_invoices(folder: Path) -> tuple[Tables, dict[str, pa.Table]]:
    """Paid invoices of one North American supplier, 2019-2020. The issue date is missing and taken
    as the due date less the usual 30 days; numbers are made of customer and sequence; customers
    140… are taken for Canadian, with invoices in Canadian dollars."""
    rows = pd.read_csv(
        folder / "closed_invoices.csv.gz",
        dtype={"cust_number": str},
        parse_dates=["clear_date", "due_date"],
    )
    canadian = rows["cust_number"].str.startswith("140")
    invoices = pd.DataFrame(
        {
            "invoice_id": rows["cust_number"] + "-" + rows["seq_in_customer"].astype(str),
            "buyer_id": rows["cust_number"],
            "issued_on": rows["due_date"] - USUAL_TERMS,
            "due_on": rows["due_date"],
            "paid_on": rows["clear_date"],
            "amount": rows["amount"],
            "currency": np.where(canadian, "CAD", "USD"),
        }
    )
    buyers = rows.groupby("cust_number", as_index=False)["name_customer"].first()
    buyers.columns = ["buyer_id", "name"]
    country = np.where(buyers["buyer_id"].str.startswith("140"), "CA", "US")
    rates = [
        {"currency": currency, "quoted_on": day, "rate": 1 / units}
        for day, quotes in YEARLY_RATES.items()
        for currency, units in zip(("USD", "CAD"), quotes, strict=True)
    ]
    tables = {
        "buyers": _table("buyers", buyers.assign(country=country, entity_type="company")),
        "invoices": _table("invoices", invoices),
        "fx": _table("fx", pd.DataFrame(rates)),
    }
    return tables, {}


def _uk_sectors(folder: Path) -> tuple[Tables, dict[str, pa.Table]]:
    """Company insolvencies in England and Wales per 100 enterprises of 2025, by section and year,
    known a month after the year. Enterprises include sole traders: the level is relative only."""
    rows = pd.read_csv(folder / "uk_sector_insolvency_and_payment.csv")
    grades = [
        pd.DataFrame(
            {
                "sector": rows["sic_section"],
                "rated_on": date(year + 1, 2, 1),
                "grade": 100.0 * rows[f"insolvencies_{year}"] / rows["ons_enterprises_2025"],
            }
        )
        for year in UK_YEARS
    ]
    return {"sector_risk": _table("sector_risk", pd.concat(grades))}, {}


def _table(name: str, frame: pd.DataFrame) -> pa.Table:
    """A frame as raw table, its days as dates."""
    schema = pa.schema([field for field in TABLES[name].schema if field.name in frame.columns])
    return pa.Table.from_pandas(frame, schema, preserve_index=False)


_ADAPTERS: Mapping[str, Callable[[Path], tuple[Tables, dict[str, pa.Table]]]] = {
    "american-bankruptcy": _american_bankruptcy,
    "highradius-invoices": _highradius_invoices,
    "uk-sectors": _uk_sectors,
}

DATA_SETS = tuple(_ADAPTERS)
