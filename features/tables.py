"""The raw tables: every column with its kind, unit and meaning, written once.

A table at rest is one Parquet file, sorted by buyer, dates as date32. In memory it is a
`pyarrow.Table`; data scientists read it as a pandas frame. Each table says which column is its
event date (when it happened) and which its knowledge date (when we could first know it).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

import pyarrow as pa
import pyarrow.parquet as pq

Kind = Literal["id", "text", "code", "date", "amount", "number", "flag"]
Tables = dict[str, pa.Table]
Entity = Literal["company", "sole_trader", "natural_person", "public_body"]

ARROW_TYPES: Mapping[Kind, pa.DataType] = {
    "id": pa.string(),
    "text": pa.string(),
    "code": pa.string(),
    "date": pa.date32(),
    "amount": pa.float64(),
    "number": pa.float64(),
    "flag": pa.bool_(),
}


@dataclass(frozen=True)
class Column:
    """One column of a raw table; `amount` columns are in the row's `currency`."""

    name: str
    kind: Kind
    doc: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One raw table. `known_on` names the column that holds the knowledge date; null there falls
    back on `event_on` plus `lag_days`."""

    name: str
    doc: str
    key: tuple[str, ...]
    event_on: str | None
    known_on: str | None
    columns: tuple[Column, ...]
    lag_days: int = 0

    @cached_property
    def schema(self) -> pa.Schema:
        """The Arrow schema a conformed frame has."""
        return pa.schema([pa.field(c.name, ARROW_TYPES[c.kind]) for c in self.columns])

    @cached_property
    def kinds(self) -> Mapping[str, Kind]:
        """The kind of each column."""
        return {column.name: column.kind for column in self.columns}

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table cannot be read."""
        return tuple(c.name for c in self.columns if c.required)

    @cached_property
    def of_buyer(self) -> bool:
        """Whether a row belongs to one buyer (else it is shared context, like exchange rates)."""
        return any(c.name == "buyer_id" for c in self.columns)


def _accounts(names: str, doc: str) -> tuple[Column, ...]:
    return tuple(Column(name, "amount", doc) for name in names.split())


BUYER_ID = Column("buyer_id", "id", "the debtor, a legal entity", required=True)
SUPPLIER_ID = Column("supplier_id", "id", "who sells on credit")
CURRENCY = Column("currency", "code", "ISO 4217; null means the policy currency")

BUYERS = Table(
    "buyers",
    "a legal entity that owes or may owe",
    ("buyer_id",),
    None,
    None,
    (
        BUYER_ID,
        Column("name", "text", "registered name"),
        Column("country", "code", "ISO 3166-1 alpha-2", required=True),
        Column("sector", "code", "NACE rev. 2 code, section letter first"),
        Column("legal_form", "code", "as registered"),
        Column("entity_type", "code", ", ".join(get_args(Entity))),
        Column("founded_on", "date", "date of registration"),
        Column("group_id", "id", "ultimate parent"),
        Column("employees", "number", "headcount"),
        Column("registration_number", "id", "in the national register, as a SIREN"),
        Column("vat_number", "id", "for value-added tax, country first"),
    ),
)

STATEMENTS = Table(
    "statements",
    "annual accounts of one closed year; a restatement is a further row, never an overwrite",
    ("buyer_id", "closing_date", "available_at"),
    "closing_date",
    "available_at",
    (
        BUYER_ID,
        Column("closing_date", "date", "last day of the accounting year", required=True),
        Column("available_at", "date", "publication or receipt; null: closing plus the lag"),
        CURRENCY,
        Column("months", "number", "length of the accounting period; null means 12"),
        Column("consolidated", "flag", "group accounts"),
        Column("audited", "flag", "certified by an auditor"),
        *_accounts(
            "current_assets inventory receivables cash total_assets payables current_liabilities "
            "financial_debt total_liabilities retained_earnings equity",
            "balance sheet, at closing",
        ),
        *_accounts(
            "revenue cost_of_sales personnel ebitda depreciation ebit interest net_income "
            "operating_cash_flow",
            "income or cash flow, over `months`",
        ),
        Column("market_value", "amount", "market capitalisation at closing, where listed"),
    ),
    lag_days=274,  # nine months: the conservative fallback of domain.md 3.4
)

INVOICES = Table(
    "invoices",
    "one trade receivable; a credit note has a negative amount",
    ("invoice_id",),
    "issued_on",
    "issued_on",
    (
        Column("invoice_id", "id", "unique in the portfolio", required=True),
        BUYER_ID,
        SUPPLIER_ID,
        Column("issued_on", "date", "date of the invoice", required=True),
        Column("due_on", "date", "contractual due date", required=True),
        Column("paid_on", "date", "date of the last payment; null means open"),
        Column("amount", "amount", "including VAT", required=True),
        CURRENCY,
        Column("disputed_on", "date", "day the buyer disputed it; null means never"),
    ),
)

PAYMENTS = Table(
    "payments",
    "partial payments of invoices; optional",
    ("invoice_id", "paid_on"),
    "paid_on",
    "paid_on",
    (
        Column("invoice_id", "id", "the invoice paid in part", required=True),
        BUYER_ID,
        Column("paid_on", "date", "day the money came", required=True),
        Column("amount", "amount", "paid on that day, in the invoice's currency", required=True),
    ),
)

AGEING = Table(
    "ageing",
    "one buyer's aged balance on a day; buckets by due date, they sum to the balance",
    ("buyer_id", "supplier_id", "balance_date"),
    "balance_date",
    "balance_date",
    (
        BUYER_ID,
        SUPPLIER_ID,
        Column("balance_date", "date", "day of the balance", required=True),
        Column("not_due", "amount", "not yet due"),
        Column("days_1_30", "amount", "1 to 30 days beyond terms"),
        Column("days_31_60", "amount", "31 to 60 days beyond terms"),
        Column("days_61_90", "amount", "61 to 90 days beyond terms"),
        Column("days_91_180", "amount", "91 to 180 days beyond terms"),
        Column("over_180", "amount", "more than 180 days beyond terms"),
        Column("unallocated_credits", "amount", "credits not set against an invoice, negative"),
        CURRENCY,
    ),
)

INCIDENTS = Table(
    "incidents",
    "one event in the buyer's credit life",
    ("buyer_id", "event_date", "kind"),
    "event_date",
    "known_on",
    (
        BUYER_ID,
        Column("event_date", "date", "when it happened", required=True),
        Column("known_on", "date", "publication or receipt; null: event_date"),
        Column(
            "kind",
            "code",
            "overdue_declared, claim, protracted_default, insolvency_opened, judgment, cure",
            required=True,
        ),
        Column("amount", "amount", "at stake"),
        CURRENCY,
        Column("disputed", "flag", "the buyer contests it"),
    ),
)

ESG = Table(
    "esg",
    "one rating, each pillar 0 (worst) to 100 (best); optional",
    ("buyer_id", "rated_on"),
    "rated_on",
    "rated_on",
    (
        BUYER_ID,
        Column("rated_on", "date", "publication of the rating", required=True),
        Column("environment", "number", "0 to 100"),
        Column("social", "number", "0 to 100"),
        Column("governance", "number", "0 to 100"),
        Column("controversy", "number", "0 (none) to 5 (severe)"),
    ),
)

EXPOSURES = Table(
    "exposures",
    "what we let a buyer owe a supplier",
    ("buyer_id", "supplier_id", "valid_from"),
    "valid_from",
    "valid_from",
    (
        BUYER_ID,
        SUPPLIER_ID,
        Column("limit", "amount", "granted"),
        Column("outstanding", "amount", "owed on valid_from"),
        CURRENCY,
        Column("valid_from", "date", "first day", required=True),
        Column("valid_until", "date", "last day; null means open"),
    ),
)

COUNTRY_RISK = Table(
    "country_risk",
    "one country's grade on a day; optional",
    ("country", "rated_on"),
    "rated_on",
    "rated_on",
    (
        Column("country", "code", "ISO 3166-1 alpha-2", required=True),
        Column("rated_on", "date", "publication of the grade", required=True),
        Column("grade", "number", "1 (best) to 8 (worst)", required=True),
    ),
)

SECTOR_RISK = Table(
    "sector_risk",
    "one sector's yearly failure rate as published on a day; optional",
    ("sector", "rated_on"),
    "rated_on",
    "rated_on",
    (
        Column("sector", "code", "NACE section letter", required=True),
        Column("rated_on", "date", "publication", required=True),
        Column("grade", "number", "failures per 100 firms and year", required=True),
    ),
)

PEER_SHARES = (1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99)  # per cent


def peer_column(share: int) -> str:
    """The column of table `peers` that holds the quantile of `share` per cent."""
    return f"p{share:02}"


PEERS = Table(
    "peers",
    "quantiles of ratios over all firms, as published on a day; optional",
    ("measure", "published_on"),
    "published_on",
    "published_on",
    (
        Column("measure", "code", "name of a feature of the accounts", required=True),
        Column("published_on", "date", "publication", required=True),
        *(
            Column(peer_column(share), "number", f"{share} % of firms are below", required=True)
            for share in PEER_SHARES
        ),
    ),
)

ALL_PAYERS = "all"

USUAL_LATENESS = Table(
    "usual_lateness",
    "how late a country, a sector or all pay, as published on a day; optional",
    ("payers", "published_on"),
    "published_on",
    "published_on",
    (
        Column("payers", "code", "ISO 3166-1 alpha-2, NACE section letter, or all", required=True),
        Column("published_on", "date", "publication", required=True),
        Column("days", "number", "mean days late of invoices lately due", required=True),
    ),
)

FX = Table(
    "fx",
    "exchange rates; optional where all amounts share one currency",
    ("currency", "quoted_on"),
    "quoted_on",
    "quoted_on",
    (
        Column("currency", "code", "ISO 4217", required=True),
        Column("quoted_on", "date", "day of the quote", required=True),
        Column("rate", "number", "euros for one unit", required=True),
    ),
)

TABLES: Mapping[str, Table] = {
    table.name: table
    for table in (
        BUYERS,
        STATEMENTS,
        INVOICES,
        PAYMENTS,
        AGEING,
        INCIDENTS,
        ESG,
        EXPOSURES,
        COUNTRY_RISK,
        SECTOR_RISK,
        PEERS,
        USUAL_LATENESS,
        FX,
    )
}


def known_columns(name: str, frame: pa.Table) -> dict[str, pa.ChunkedArray]:
    """The columns of `frame` that table `name` has, each as its kind.

    Raises ValueError naming the table and column where a required column is absent or a column
    cannot be read as its kind.
    """
    there, columns = dict(zip(frame.column_names, frame.columns, strict=True)), {}
    for column in TABLES[name].columns:
        if column.name not in there:
            if column.required:
                raise ValueError(f"table {name!r} lacks the required column {column.name!r}")
            continue
        found, kind = there[column.name], ARROW_TYPES[column.kind]
        try:
            columns[column.name] = found if found.type == kind else found.cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise ValueError(f"column {column.name!r} of table {name!r}: {error}") from error
    return columns


def conform(name: str, frame: pa.Table) -> pa.Table:
    """`frame` with exactly the columns of table `name`, in order, absent optional ones null.

    Raises ValueError as `known_columns` does.
    """
    schema, known = TABLES[name].schema, known_columns(name, frame)
    columns = [known.get(f.name, pa.nulls(frame.num_rows, f.type)) for f in schema]
    return pa.table(columns, schema=schema)


def write_tables(tables: Mapping[str, pa.Table], folder: Path) -> None:
    """Write each table to `folder/NAME.parquet`, in row groups small enough to stream."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        pq.write_table(
            conform(name, frame),
            folder / f"{name}.parquet",
            row_group_size=131_072,
            compression="zstd",
        )


def read_tables(folder: Path) -> Tables:
    """Every raw table found in `folder`, conformed to its schema.

    Raises FileNotFoundError where the folder holds no table of buyers.
    """
    if not (folder / "buyers.parquet").is_file():
        raise FileNotFoundError(
            f"no portfolio in {folder}: buyers.parquet is missing "
            "(make one with `encours generate` or `encours import`)"
        )
    return {
        name: conform(name, pq.read_table(path))
        for name in TABLES
        if (path := folder / f"{name}.parquet").is_file()
    }
