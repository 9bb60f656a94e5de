"""From Parquet files to features of every topic in polars: lazy scans, joins and aggregations.

The payment features are those of `payments_polars`, the accounts those of `accounts_polars`.
"""

from functools import reduce
from pathlib import Path

import polars as pl

from tests.bench.peers.accounts_polars import MONTH, accounts
from tests.bench.peers.payments_polars import payments

BUCKETS = {"1_30": (0, 30), "31_60": (30, 60), "61_90": (60, 90), "91_180": (90, 180)}
BUCKETS["over_180"] = (180, 10**6)
MIDDLES = (15.5, 45.5, 75.5, 135.5, 270.5)
KINDS = ("overdue_declared", "claim", "protracted_default", "judgment", "insolvency_opened")
WINDOWS = {12: 365, 24: 730, 36: 1095}
COUNTS = [f"{k}_{m}m" for k in (*KINDS, "disputed_incidents") for m in WINDOWS]
COUNTS += ["uncured_incidents", "in_default", "insolvency_open"]
QUARTER, QUARTERS = 91, 4
NEVER_INFINITE = ("credits_share", "credit_note_share_12m")
ZERO_BY_DEFAULT = [*COUNTS, "years_of_accounts", "restatements", "months_of_history"]


def features(folder: Path, as_of: int) -> pl.DataFrame:
    """One row a buyer; `as_of` in days since 1970-01-01."""
    days = [pl.lit(as_of - QUARTER * back, pl.Int32).cast(pl.Date) for back in range(QUARTERS)]
    today = days[0]
    invoices = _invoices(folder, days).collect()
    recent = invoices.lazy()
    topics = [
        payments(invoices.to_arrow(), as_of).lazy(),
        _balances(recent, today),
        *(
            _balances(recent.filter(pl.col("issued_on") <= day), day, f"_{back}").select(
                "buyer_id",
                pl.col("overdue_share", "balance_days_late", "open_amount").name.suffix(f"_{back}"),
            )
            for back, day in enumerate(days[1:], 1)
        ),
        accounts(folder, _rates(folder, today), today),
        _incidents(folder, today),
        _esg(folder, today),
    ]
    frame = reduce(
        lambda left, right: left.join(right, "buyer_id", "left", maintain_order="left"),
        topics,
        _buyers(folder, today).sort("buyer_id"),
    )
    return frame.with_columns(
        *_year_of_balances(),
        pl.col(ZERO_BY_DEFAULT).fill_null(0.0),
        pl.col(NEVER_INFINITE).replace(float("inf"), None),
        pl.col("suppliers_12m").replace(0.0, None),
    ).collect()


def _scan(folder: Path, table: str) -> pl.LazyFrame:
    return pl.scan_parquet(folder / f"{table}.parquet")


def _rates(folder: Path, day: pl.Expr) -> pl.LazyFrame:
    return _latest(_scan(folder, "fx"), "currency", "quoted_on", day).select("currency", "rate")


def _latest(rows: pl.LazyFrame, owner: str, day: str, today: pl.Expr) -> pl.LazyFrame:
    return rows.filter(pl.col(day) <= today).sort(day).group_by(owner).last()


def _invoices(folder: Path, days: list[pl.Expr]) -> pl.LazyFrame:
    """Invoices in euros as known on each day, `paid_on` the day they were paid in full; with their
    part payments."""
    invoices = _scan(folder, "invoices").filter(pl.col("issued_on") <= days[0])
    reached = pl.col("part_on").filter(pl.col("sum") >= pl.col("amount")).min()
    parts = (
        _scan(folder, "payments")
        .rename({"paid_on": "part_on", "amount": "part"})
        .join(invoices.select("invoice_id", "amount"), "invoice_id")
        .sort("part_on")
        .with_columns(sum=pl.col("part").cum_sum().over("invoice_id").round(2))
        .group_by("invoice_id")
        .agg(
            covered_on=reached,
            **{
                f"part_{back}": pl.col("part").filter(pl.col("part_on") <= day).sum()
                for back, day in enumerate(days)
            },
        )
    )
    invoices = invoices.join(parts, "invoice_id", "left", maintain_order="left")
    for back, day in enumerate(days):
        rates = _rates(folder, day).rename({"rate": f"rate_{back}"})
        invoices = invoices.join(rates, "currency", "left", maintain_order="left")
    suffixes = {"": 0} | {f"_{back}": back for back in range(1, len(days))}
    rate = {
        suffix: pl.when(pl.col("currency") == "EUR").then(1.0).otherwise(pl.col(f"rate_{back}"))
        for suffix, back in suffixes.items()
    }
    return invoices.select(
        "buyer_id",
        "supplier_id",
        "issued_on",
        "due_on",
        "disputed_on",
        paid_on=pl.min_horizontal("paid_on", "covered_on"),
        **{f"amount{suffix}": (pl.col("amount") * rate[suffix]).round(2) for suffix in suffixes},
        **{
            f"received{suffix}": (pl.col(f"part_{back}").fill_null(0.0) * rate[suffix]).round(2)
            for suffix, back in suffixes.items()
        },
    )


def _balances(invoices: pl.LazyFrame, day: pl.Expr, suffix: str = "") -> pl.LazyFrame:
    """What is open, by days beyond terms; buyers known by snapshots only are left out."""
    amount, received = pl.col(f"amount{suffix}"), pl.col(f"received{suffix}")
    late = (day - pl.col("due_on")).dt.total_days()
    still_open = (pl.col("paid_on") > day).fill_null(True)
    left, credit = pl.col("left"), amount < 0
    disputed = (pl.col("disputed_on") <= day).fill_null(False) & ~credit
    aged = still_open & ~credit & ~disputed
    owed = left.filter(aged).sum()
    overdue = left.filter(aged & (late > 0)).sum()
    net = (amount - received).clip(lower_bound=0)
    amounts = {
        f"overdue_amount_{name}": left.filter(aged & (late > low) & (late <= high)).sum()
        for name, (low, high) in BUCKETS.items()
    }
    shares = {name.replace("amount", "share"): amount / owed for name, amount in amounts.items()}
    days = sum(pl.col(s) * middle for s, middle in zip(shares, MIDDLES, strict=True))
    return (
        invoices.with_columns(left=pl.when(credit).then(amount).otherwise(net))
        .group_by("buyer_id")
        .agg(
            open_amount=left.filter(still_open).sum(),
            overdue_amount=overdue,
            not_due_amount=owed - overdue,
            overdue_share=overdue / owed,
            credits_share=-left.filter(still_open & credit).sum() / owed,
            **amounts,
            **shares,
        )
        .with_columns(balance_days_late=days)
    )


def _year_of_balances() -> list[pl.Expr]:
    """What the balances of four quarters show together."""
    earlier = [f"_{back}" for back in range(1, QUARTERS)]
    share, late = (
        [pl.col(f"{name}{suffix}").fill_nan(None) for suffix in ("", *earlier)]
        for name in ("overdue_share", "balance_days_late")
    )
    before = pl.mean_horizontal(f"open_amount{suffix}" for suffix in earlier)
    return [
        (share[0] - share[1]).alias("overdue_share_change_3m"),
        pl.mean_horizontal(share).alias("balance_overdue_share_12m"),
        pl.max_horizontal(share).alias("balance_overdue_share_max_12m"),
        pl.mean_horizontal(late).alias("balance_days_late_12m"),
        pl.when(before > 0).then(pl.col("open_amount") / before - 1).alias("balance_trend_12m"),
    ]


def _incidents(folder: Path, today: pl.Expr) -> pl.LazyFrame:
    age = (today - pl.col("event_date")).dt.total_days()
    kind, disputed = pl.col("kind"), pl.col("disputed").fill_null(False)
    certain = {name: (kind == name) & ~disputed for name in KINDS}
    uncured = (age < age.filter(kind == "cure").min()).fill_null(True)
    default = kind.is_in(["claim", "protracted_default"]) & ~disputed & uncured
    return (
        _scan(folder, "incidents")
        .filter(pl.max_horizontal("known_on", "event_date") <= today)
        .group_by("buyer_id")
        .agg(
            *(
                (which & (age < days)).sum().cast(pl.Float64).alias(f"{name}_{months}m")
                for name, which in {**certain, "disputed_incidents": disputed}.items()
                for months, days in WINDOWS.items()
            ),
            *(
                (age.filter(which).min() / MONTH).alias(f"months_since_{name}")
                for name, which in {**certain, "cure": kind == "cure"}.items()
            ),
            uncured_incidents=(kind.is_in(KINDS) & ~disputed & uncured).sum().cast(pl.Float64),
            in_default=default.any().cast(pl.Float64),
            insolvency_open=((kind == "insolvency_opened") & uncured).any().cast(pl.Float64),
        )
    )


def _esg(folder: Path, today: pl.Expr) -> pl.LazyFrame:
    age = (today - pl.col("rated_on")).dt.total_days()
    pillars = ("environment", "social", "governance", "controversy")
    return _latest(_scan(folder, "esg"), "buyer_id", "rated_on", today).select(
        "buyer_id", *(pl.col(p).alias(f"esg_{p}") for p in pillars), esg_age_months=age / MONTH
    )


def _buyers(folder: Path, today: pl.Expr) -> pl.LazyFrame:
    """Profile and context."""
    frame = _scan(folder, "buyers").with_columns(
        section=pl.col("sector").str.slice(0, 1),
        firm_age_years=(today - pl.col("founded_on")).dt.total_days().clip(0) / 365.25,
        log_employees=(1 + pl.col("employees")).log(),
        group_member=pl.col("group_id").is_not_null().cast(pl.Float64),
    )
    before = today - pl.duration(days=365)
    for table, key, on, name in (
        ("country_risk", "country", "country", "country_grade"),
        ("sector_risk", "sector", "section", "sector_failure_rate"),
    ):
        now, then = (
            _latest(_scan(folder, table), key, "rated_on", day).select(
                pl.col(key).alias(on), pl.col("grade").alias(column)
            )
            for day, column in ((today, name), (before, "then"))
        )
        frame = frame.join(now, on, "left").join(then, on, "left")
        change = (pl.col(name) - pl.col("then")).alias(f"{name}_change_1y")
        frame = frame.with_columns(change).drop("then")
    return frame
