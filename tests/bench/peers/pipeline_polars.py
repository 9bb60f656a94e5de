"""From Parquet files to features of every topic in polars: lazy scans, joins and aggregations.

The payment features are those of `payments_polars`, whole; of the other topics a representative
set, listed in SHARED. What our pipeline has beside them (scores, volatility, more ratios and spans)
is left out here, so the comparison is in polars' favour.
"""

from functools import reduce
from pathlib import Path

import polars as pl

from tests.bench.peers.payments_polars import payments

MONTH = 365.25 / 12
LAG = pl.duration(days=274)
BUCKETS = ((0, 30), (30, 60), (60, 90), (90, 180), (180, 10**6))
BUCKET_NAMES = ("1_30", "31_60", "61_90", "91_180", "over_180")
KINDS = ("overdue_declared", "claim", "protracted_default", "judgment", "insolvency_opened")
WINDOWS = {12: 365, 24: 730, 36: 1095}
FLOWS = ("revenue", "cost_of_sales", "ebitda", "ebit", "interest", "net_income")

RATIOS = {
    "current_ratio": ("current_assets", "current_liabilities"),
    "cash_ratio": ("cash", "current_liabilities"),
    "equity_ratio": ("equity", "total_assets"),
    "liabilities_to_assets": ("total_liabilities", "total_assets"),
    "debt_to_equity": ("financial_debt", "equity"),
    "debt_to_ebitda": ("financial_debt", "ebitda"),
    "retained_earnings_to_assets": ("retained_earnings", "total_assets"),
    "return_on_assets": ("net_income", "total_assets"),
    "operating_return_on_assets": ("ebit", "total_assets"),
    "ebitda_margin": ("ebitda", "revenue"),
    "net_margin": ("net_income", "revenue"),
    "interest_cover": ("ebit", "interest"),
    "asset_turnover": ("revenue", "total_assets"),
}
GROWING = ("revenue", "total_assets", "equity")
CHANGING = ("current_ratio", "equity_ratio", "return_on_assets", "ebitda_margin")

SHARED = (
    *RATIOS,
    *(f"{item}_growth_1y" for item in GROWING),
    *(f"{ratio}_change_1y" for ratio in CHANGING),
    "days_sales_outstanding",
    "accounts_age_months",
    "years_of_accounts",
    "net_worth",
    "turnover",
    "open_amount",
    "overdue_amount",
    "overdue_share",
    *(f"overdue_share_{name}" for name in BUCKET_NAMES),
    *(f"{kind}_{months}m" for kind in KINDS for months in WINDOWS),
    "in_default",
    "insolvency_open",
    "firm_age_years",
    "group_member",
    "country_grade",
    "sector_failure_rate",
    "esg_environment",
    "esg_controversy",
)


def features(folder: Path, as_of: int) -> pl.DataFrame:
    """One row a buyer; `as_of` in days since 1970-01-01."""
    today = pl.lit(as_of, pl.Int32).cast(pl.Date)
    rates = _latest(_scan(folder, "fx"), "currency", "quoted_on", today)
    invoices = _invoices(folder, rates, today).collect()
    buyers = _scan(folder, "buyers").sort("buyer_id")
    behaviour = payments(invoices.to_arrow(), as_of).lazy()
    topics = [
        behaviour,
        _balances(invoices.lazy(), today),
        _accounts(folder, rates, today),
        _incidents(folder, today),
        _latest(_scan(folder, "esg"), "buyer_id", "rated_on", today).select(
            "buyer_id",
            esg_environment="environment",
            esg_controversy="controversy",
        ),
    ]
    frame = reduce(lambda left, right: left.join(right, "buyer_id", "left"), topics, buyers)
    counted = [f"{kind}_{months}m" for kind in KINDS for months in WINDOWS]
    counted += ["in_default", "insolvency_open", "years_of_accounts"]
    return _context(folder, frame, today).with_columns(pl.col(counted).fill_null(0.0)).collect()


def _scan(folder: Path, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(folder / f"{table}.parquet")


def _latest(rows: pl.LazyFrame, owner: str, day: str, today: pl.Expr) -> pl.LazyFrame:
    return rows.filter(pl.col(day) <= today).sort(day).group_by(owner).last()


def _in_euros(rows: pl.LazyFrame, rates: pl.LazyFrame) -> pl.LazyFrame:
    rows = rows.join(rates.select("currency", "rate"), "currency", "left", maintain_order="left")
    return rows.with_columns(
        rate=pl.when(pl.col("currency").is_null() | (pl.col("currency") == "EUR"))
        .then(1.0)
        .otherwise(pl.col("rate"))
    )


def _invoices(folder: Path, rates: pl.LazyFrame, today: pl.Expr) -> pl.LazyFrame:
    """Invoices in euros, `paid_on` the day they were paid in full, `received` in parts so far."""
    invoices = _scan(folder, "invoices").filter(pl.col("issued_on") <= today)
    parts = (
        _scan(folder, "payments")
        .rename({"paid_on": "part_on", "amount": "part"})
        .join(invoices.select("invoice_id", "amount"), "invoice_id")
        .sort("part_on")
        .with_columns(sum=pl.col("part").cum_sum().over("invoice_id").round(2))
        .group_by("invoice_id")
        .agg(
            covered_on=pl.col("part_on").filter(pl.col("sum") >= pl.col("amount")).min(),
            received=pl.col("part").filter(pl.col("part_on") <= today).sum(),
        )
    )
    joined = invoices.join(parts, "invoice_id", "left", maintain_order="left")
    return _in_euros(joined, rates).select(
        "buyer_id",
        "supplier_id",
        "issued_on",
        "due_on",
        "disputed_on",
        paid_on=pl.min_horizontal("paid_on", "covered_on"),
        amount=(pl.col("amount") * pl.col("rate")).round(2),
        received=(pl.col("received").fill_null(0.0) * pl.col("rate")).round(2),
    )


def _balances(invoices: pl.LazyFrame, today: pl.Expr) -> pl.LazyFrame:
    """What is open, by days beyond terms; buyers known by snapshots only are left out."""
    late = (today - pl.col("due_on")).dt.total_days()
    still_open = (pl.col("paid_on") > today).fill_null(True)
    left, credit = pl.col("left"), pl.col("amount") < 0
    disputed = (pl.col("disputed_on") <= today).fill_null(False) & ~credit
    aged = still_open & ~credit & ~disputed
    owed = left.filter(aged).sum()
    buckets = {
        f"overdue_share_{name}": left.filter(aged & (late > low) & (late <= high)).sum() / owed
        for name, (low, high) in zip(BUCKET_NAMES, BUCKETS, strict=True)
    }
    overdue = left.filter(aged & (late > 0)).sum()
    return (
        invoices.with_columns(
            left=pl.when(credit)
            .then(pl.col("amount"))
            .otherwise((pl.col("amount") - pl.col("received")).clip(lower_bound=0))
        )
        .group_by("buyer_id")
        .agg(
            open_amount=left.filter(still_open).sum(),
            overdue_amount=overdue,
            overdue_share=overdue / owed,
            **buckets,
        )
    )


def _accounts(folder: Path, rates: pl.LazyFrame, today: pl.Expr) -> pl.LazyFrame:
    annual = 12 / pl.col("months").fill_null(12)
    known = (
        _scan(folder, "statements")
        .with_columns(known=pl.col("available_at").fill_null(pl.col("closing_date") + LAG))
        .filter(pl.max_horizontal("known", "closing_date") <= today)
        .sort("closing_date", "known")
        .with_columns(*(pl.col(flow) * annual for flow in FLOWS))
    )
    versions = known.group_by("buyer_id", "closing_date", maintain_order=True).last()
    ratios = [_ratio(pl.col(a), pl.col(b)).alias(name) for name, (a, b) in RATIOS.items()]
    years = _in_euros(versions, rates).with_columns(*ratios)
    now = years.group_by("buyer_id", maintain_order=True).agg(
        pl.all().last(), years_of_accounts=pl.len().clip(upper_bound=5).cast(pl.Float64)
    )
    before = years.select(
        "buyer_id", "closing_date", "currency", "consolidated", *GROWING, *CHANGING
    )
    pairs = (
        now.select("buyer_id", last="closing_date")
        .join(before, "buyer_id")
        .filter(((pl.col("last") - pl.col("closing_date")).dt.total_days() - 365).abs() <= 91)
    )
    past = pairs.sort("closing_date").group_by("buyer_id").last()
    both = now.join(past, "buyer_id", "left", suffix="_before")
    comparable = pl.col("currency").eq_missing(pl.col("currency_before"))
    same = pl.col("consolidated").eq(pl.col("consolidated_before")).fill_null(True)
    return both.select(
        "buyer_id",
        *RATIOS,
        "years_of_accounts",
        *(
            pl.when(comparable & same)
            .then(_ratio(pl.col(x) - pl.col(f"{x}_before"), pl.col(f"{x}_before")))
            .alias(f"{x}_growth_1y")
            for x in GROWING
        ),
        *(
            pl.when(comparable & same)
            .then(pl.col(x) - pl.col(f"{x}_before"))
            .alias(f"{x}_change_1y")
            for x in CHANGING
        ),
        days_sales_outstanding=365 * _ratio(pl.col("receivables"), pl.col("revenue")),
        accounts_age_months=(today - pl.col("closing_date")).dt.total_days() / MONTH,
        net_worth=pl.col("equity") * pl.col("rate"),
        turnover=pl.col("revenue") * pl.col("rate"),
    )


def _ratio(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    return pl.when((below > 0) & (above.abs() < 1e9 * below)).then(above / below)


def _incidents(folder: Path, today: pl.Expr) -> pl.LazyFrame:
    age = (today - pl.col("event_date")).dt.total_days()
    kind, certain = pl.col("kind"), ~pl.col("disputed").fill_null(False)
    uncured = (age < age.filter(kind == "cure").min()).fill_null(True)
    default = kind.is_in(["claim", "protracted_default"]) & certain
    return (
        _scan(folder, "incidents")
        .filter(pl.max_horizontal("known_on", "event_date") <= today)
        .group_by("buyer_id")
        .agg(
            *(
                ((kind == name) & certain & (age < days))
                .sum()
                .cast(pl.Float64)
                .alias(f"{name}_{months}m")
                for name in KINDS
                for months, days in WINDOWS.items()
            ),
            in_default=(default & uncured).any().cast(pl.Float64),
            insolvency_open=((kind == "insolvency_opened") & uncured).any().cast(pl.Float64),
        )
    )


def _context(folder: Path, frame: pl.LazyFrame, today: pl.Expr) -> pl.LazyFrame:
    countries = _latest(_scan(folder, "country_risk"), "country", "rated_on", today)
    sectors = _latest(_scan(folder, "sector_risk"), "sector", "rated_on", today)
    return (
        frame.with_columns(
            section=pl.col("sector").str.slice(0, 1),
            firm_age_years=(today - pl.col("founded_on")).dt.total_days().clip(0) / 365.25,
            group_member=pl.col("group_id").is_not_null().cast(pl.Float64),
        )
        .join(countries.select("country", country_grade="grade"), "country", "left")
        .join(sectors.select(section="sector", sector_failure_rate="grade"), "section", "left")
    )
