"""The accounts features in polars: ratios of every year known, then one year joined to another."""

from itertools import pairwise
from pathlib import Path

import polars as pl

MONTH = 365.25 / 12
FLOWS = ("revenue", "cost_of_sales", "personnel", "ebitda", "depreciation", "ebit", "interest")
FLOWS += ("net_income", "operating_cash_flow")
SPANS = (1, 2, 3)

c = pl.col
quick, working = (
    c("current_assets") - c("inventory"),
    c("current_assets") - c("current_liabilities"),
)
RATIOS = {
    "current_ratio": (c("current_assets"), c("current_liabilities")),
    "quick_ratio": (quick, c("current_liabilities")),
    "cash_ratio": (c("cash"), c("current_liabilities")),
    "cash_to_assets": (c("cash"), c("total_assets")),
    "working_capital_to_assets": (working, c("total_assets")),
    "working_capital_to_revenue": (working, c("revenue")),
    "quick_assets_to_assets": (quick, c("total_assets")),
    "cash_flow_to_current_liabilities": (c("operating_cash_flow"), c("current_liabilities")),
    "cash_runway_years": (quick - c("receivables"), -c("ebitda")),
    "equity_ratio": (c("equity"), c("total_assets")),
    "liabilities_to_assets": (c("total_liabilities"), c("total_assets")),
    "current_liabilities_to_assets": (c("current_liabilities"), c("total_assets")),
    "financial_debt_to_assets": (c("financial_debt"), c("total_assets")),
    "debt_to_equity": (c("financial_debt"), c("equity")),
    "liabilities_to_equity": (c("total_liabilities"), c("equity")),
    "debt_to_ebitda": (c("financial_debt"), c("ebitda")),
    "net_debt_to_ebitda": (c("financial_debt") - c("cash"), c("ebitda")),
    "cash_flow_to_liabilities": (c("operating_cash_flow"), c("total_liabilities")),
    "retained_earnings_to_assets": (c("retained_earnings"), c("total_assets")),
    "short_term_share_of_liabilities": (c("current_liabilities"), c("total_liabilities")),
    "return_on_assets": (c("net_income"), c("total_assets")),
    "operating_return_on_assets": (c("ebit"), c("total_assets")),
    "ebitda_to_assets": (c("ebitda"), c("total_assets")),
    "return_on_equity": (c("net_income"), c("equity")),
    "gross_margin": (c("revenue") - c("cost_of_sales"), c("revenue")),
    "ebitda_margin": (c("ebitda"), c("revenue")),
    "operating_margin": (c("ebit"), c("revenue")),
    "net_margin": (c("net_income"), c("revenue")),
    "interest_cover": (c("ebit"), c("interest")),
    "interest_to_ebitda": (c("interest"), c("ebitda")),
    "interest_to_revenue": (c("interest"), c("revenue")),
    "personnel_to_value_added": (c("personnel"), c("ebitda") + c("personnel")),
    "asset_turnover": (c("revenue"), c("total_assets")),
    "days_sales_outstanding": (365 * c("receivables"), c("revenue")),
    "days_inventory": (365 * c("inventory"), c("cost_of_sales")),
    "days_payables": (365 * c("payables"), c("cost_of_sales")),
    "payables_to_receivables": (c("payables"), c("receivables")),
    "inventory_to_revenue": (c("inventory"), c("revenue")),
    "market_to_liabilities": (c("market_value"), c("total_liabilities")),
    "market_to_book": (c("market_value"), c("equity")),
    "market_to_assets": (c("market_value"), c("total_assets")),
    "market_to_revenue": (c("market_value"), c("revenue")),
    "earnings_yield": (c("net_income"), c("market_value")),
    "return_on_market_assets": (c("net_income"), c("market_value") + c("total_liabilities")),
}
FLAGS = {
    "no_current_liabilities": "current_liabilities",
    "equity_negative": "equity",
    "ebitda_negative": "ebitda",
    "no_revenue": "revenue",
    "no_interest": "interest",
    "no_cost_of_sales": "cost_of_sales",
}
GROWING = ("revenue", "total_assets", "equity", "total_liabilities", "financial_debt")
GROWING += ("receivables", "inventory", "market_value")
CHANGING = ("equity_ratio", "current_ratio", "operating_return_on_assets", "return_on_assets")
CHANGING += ("ebitda_margin", "retained_earnings_to_assets", "financial_debt_to_assets")
CHANGING += ("short_term_share_of_liabilities", "days_sales_outstanding", "days_payables")
VOLATILE = ("operating_return_on_assets", "ebitda_margin", "current_ratio", "equity_ratio")


def ratio(above: pl.Expr, below: pl.Expr) -> pl.Expr:
    """The quotient where the denominator is above zero and not negligible."""
    return pl.when((below > 0) & (above.abs() < 1e9 * below)).then(above / below)


def accounts(folder: Path, rates: pl.LazyFrame, today: pl.Expr) -> pl.LazyFrame:
    """One row a buyer with accounts known; amounts in euros by `rates` (currency, rate)."""
    versions = _versions(folder, today)
    years = versions.group_by("buyer_id", "closing_date", maintain_order=True).last()
    years = years.with_columns(*(ratio(*pair).alias(name) for name, pair in RATIOS.items()))
    frame = years.group_by("buyer_id", maintain_order=True).last()
    for span in SPANS:
        frame = frame.join(_earlier(frame, years, span), "buyer_id", "left")
    rates = rates.select("currency", "rate")
    return (
        frame.join(_record(versions), "buyer_id", "left")
        .join(rates, "currency", "left")
        .with_columns(rate=pl.when(c("currency") == "EUR").then(1.0).otherwise(c("rate")))
        .with_columns(*_changes(), *_scores(), *_market(), **_plain(today))
        .with_columns(
            cash_cycle_days=c("days_sales_outstanding") + c("days_inventory") - c("days_payables"),
            accounts_overdue_months=(
                (today - c("closing_date")).dt.total_days() - 365 - c("delay")
            ).clip(0)
            / MONTH,
        )
    )


def _versions(folder: Path, today: pl.Expr) -> pl.LazyFrame:
    """Statements known, flows over twelve months, what is left out filled by identities."""
    annual = 12 / c("months").fill_null(12)
    lagged = c("closing_date") + pl.duration(days=274)
    known = pl.max_horizontal(c("available_at").fill_null(lagged), "closing_date")
    return (
        pl.scan_parquet(folder / "statements.parquet")
        .with_columns(known=known)
        .filter(c("known") <= today)
        .sort("buyer_id", "closing_date", "known")
        .with_columns(*(c(flow) * annual for flow in FLOWS))
        .with_columns(
            equity=c("equity").fill_null(c("total_assets") - c("total_liabilities")),
            total_liabilities=c("total_liabilities").fill_null(c("total_assets") - c("equity")),
            ebit=c("ebit").fill_null(c("ebitda") - c("depreciation")),
            ebitda=c("ebitda").fill_null(c("ebit") + c("depreciation")),
            operating_cash_flow=c("operating_cash_flow").fill_null(
                c("net_income") + c("depreciation")
            ),
        )
    )


def _earlier(frame: pl.LazyFrame, years: pl.LazyFrame, span: int) -> pl.LazyFrame:
    """The comparable year `span` years before, its columns ending in the span."""
    wanted = ("closing_date", "currency", "consolidated", "net_income", *GROWING, *CHANGING)
    distance = (c("last") - c("closing_date")).dt.total_days() - round(365.25 * span)
    same = c("currency").eq_missing(c("currency_of_last"))
    same &= c("consolidated").eq(c("consolidated_of_last")).fill_null(True)
    last = frame.select(
        "buyer_id",
        last="closing_date",
        currency_of_last="currency",
        consolidated_of_last="consolidated",
    )
    return (
        last.join(years.select("buyer_id", *wanted), "buyer_id")
        .filter(distance.abs() <= 91)
        .group_by("buyer_id", maintain_order=True)
        .last()
        .filter(same)
        .select("buyer_id", *(c(name).name.suffix(f"_{span}") for name in wanted[3:]))
    )


def _record(versions: pl.LazyFrame) -> pl.LazyFrame:
    first = versions.group_by("buyer_id", "closing_date").agg(
        delay=(c("known").first() - c("closing_date").first()).dt.total_days(), count=pl.len()
    )
    return first.group_by("buyer_id").agg(
        years_of_accounts=pl.len().clip(upper_bound=5).cast(pl.Float64),
        restatements=(c("count") - 1).sum().cast(pl.Float64),
        delay=c("delay").mean(),
    )


def _plain(today: pl.Expr) -> dict[str, pl.Expr]:
    hidden = pl.all_horizontal(c("revenue", "ebitda", "ebit", "net_income").is_null())
    losses = [(c(f"net_income{s}") < 0).fill_null(False) for s in ("", "_1", "_2", "_3")]
    floor = (c("total_assets").clip(0) / 1e9).fill_null(0.0)
    return {
        **{name: (c(item) <= floor).cast(pl.Float64) for name, item in FLAGS.items()},
        "loss": (c("net_income") < 0).cast(pl.Float64),
        "loss_years": pl.sum_horizontal(losses).cast(pl.Float64),
        "accounts_age_months": (today - c("closing_date")).dt.total_days() / MONTH,
        "publication_delay_months": c("delay") / MONTH,
        "income_statement_hidden": hidden.cast(pl.Float64),
        "accounts_consolidated": c("consolidated").cast(pl.Float64),
        "accounts_audited": c("audited").cast(pl.Float64),
        "log_total_assets": _log(c("total_assets") * c("rate")),
        "log_revenue": _log(c("revenue") * c("rate")),
        "log_market_value": _log(c("market_value") * c("rate")),
        "net_worth": c("equity") * c("rate"),
        "turnover": c("revenue") * c("rate"),
    }


def _log(amount: pl.Expr) -> pl.Expr:
    return pl.when(amount > 0).then(amount.log())


def _changes() -> list[pl.Expr]:
    past = {span: f"_{span}" for span in SPANS}
    revenue = ["revenue", "revenue_1", "revenue_2", "revenue_3"]
    steps = [ratio(c(a) - c(b), c(b)) for a, b in pairwise(revenue)]
    return [
        *(
            ratio(c(x) - c(x + before), c(x + before)).alias(f"{x}_growth_{span}y")
            for x in GROWING
            for span, before in past.items()
        ),
        *(
            (c(x) - c(x + before)).alias(f"{x}_change_{span}y")
            for x in CHANGING
            for span, before in past.items()
        ),
        *(
            _deviation([c(x), *(c(x + before) for before in past.values())]).alias(f"{x}_deviation")
            for x in VOLATILE
        ),
        _deviation(steps).alias("revenue_growth_deviation"),
    ]


def _deviation(values: list[pl.Expr]) -> pl.Expr:
    known = pl.concat_list(values).list.drop_nulls()
    return pl.when(known.list.len() >= 3).then(known.list.std())


def _market() -> list[pl.Expr]:
    values = ["market_value", "market_value_1", "market_value_2", "market_value_3"]
    value, owed = c("market_value"), c("total_liabilities")
    changes = [_log(c(a)) - _log(c(b)) for a, b in pairwise(values)]
    deviation, owners = _deviation(changes), ratio(value, value + owed)
    spread = owners * deviation + (1 - owners) * (0.05 + 0.25 * deviation)
    cushion = _log(ratio(value + owed, owed))
    distance = ratio(cushion + changes[0] - spread**2 / 2, spread)
    peak = pl.max_horizontal(values)
    return [distance.alias("distance_to_default"), ratio(value, peak).alias("market_value_to_peak")]


def _scores() -> list[pl.Expr]:
    assets, owed, income = c("total_assets"), c("total_liabilities"), c("net_income")
    before = c("net_income_1")
    to_assets, solvency = c("working_capital_to_assets"), ratio(c("equity"), owed)
    kept, earned = c("retained_earnings_to_assets"), c("operating_return_on_assets")
    swing = ratio(income - before, income.abs() + before.abs())
    return [
        (
            0.717 * to_assets
            + 0.847 * kept
            + 3.107 * earned
            + 0.420 * solvency
            + 0.998 * c("asset_turnover")
        ).alias("altman_z_private"),
        (6.56 * to_assets + 3.26 * kept + 6.72 * earned + 1.05 * solvency).alias(
            "altman_z_general"
        ),
        (
            -4.336
            - 4.513 * c("return_on_assets")
            + 5.679 * c("liabilities_to_assets")
            + 0.004 * c("current_ratio")
        ).alias("zmijewski"),
        (
            -1.32
            + 6.03 * c("liabilities_to_assets")
            - 1.43 * to_assets
            + 0.0757 * ratio(c("current_liabilities"), c("current_assets"))
            - 1.72 * (owed > assets)
            - 2.37 * c("return_on_assets")
            - 1.83 * c("cash_flow_to_liabilities")
            + 0.285 * ((income < 0) & (before < 0))
            - 0.521 * swing
        ).alias("ohlson"),
        (
            24 * ratio(c("ebitda"), owed)
            + 22 * ratio(assets - c("current_liabilities"), assets)
            + 16 * ratio(c("receivables") + c("cash"), assets)
            - 87 * c("interest_to_revenue")
            - 10 * c("personnel_to_value_added")
        ).alias("conan_holder"),
    ]
