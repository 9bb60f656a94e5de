"""Verbs of this room: the catalogue, and features built as files."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from features.calendar import days_between
from features.options import Engine, Out, Portfolio

console = Console()
app = typer.Typer()
features_app = typer.Typer(invoke_without_command=True)
app.add_typer(features_app, name="features")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
Every = Annotated[Literal["month", "quarter", "year"], typer.Option()]
Currency = Annotated[str, typer.Option(help="that amounts are converted to")]


@features_app.callback()
def features(context: typer.Context) -> None:
    """Print the catalogue of features, or build them."""
    if context.invoked_subcommand is None:
        list_features()


@features_app.command("list", epilog="Example: `encours features list --topic liquidity`")
def list_features(
    topic: Annotated[str | None, typer.Option(help="only the features of that topic")] = None,
) -> None:
    """Print the catalogue: what each feature means, its unit, formula, source and sign."""
    from features.catalog_page import catalog_listing

    console.print(catalog_listing(topic))


@features_app.command("show", epilog="Example: `encours features show dbt_12m`")
def show(name: Annotated[str, typer.Argument(help="a name that `encours features` lists")]) -> None:
    """Print all the catalogue says of one feature: formula, source, knowledge date, sign, words."""
    from features.catalog_page import feature_card

    console.print(feature_card(name))


@features_app.command("page", epilog="Example: `encours features page --out features.md`")
def page(out: Annotated[Path, typer.Option(help="Markdown file to write")]) -> None:
    """Write the catalogue in full: sources, knowledge dates, signs and their reasons as well."""
    from features.catalog_page import catalog_page

    out.write_text(catalog_page())
    console.print(f"the catalogue is in [bold]{out}[/bold]")


@features_app.command(
    "build",
    epilog="Examples: `encours features build var/demo --as-of 2025-06-30 --out var/features`, "
    "`encours features build var/demo --from 2022-03-31 --to 2025-12-31 --out var/quarters`",
)
def build(
    portfolio: Portfolio,
    out: Out,
    as_of: Annotated[
        list[datetime] | None, typer.Option(formats=["%Y-%m-%d"], help="a day, or several")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="instead: first day")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="and none after that")
    ] = None,
    every: Every = "quarter",
    currency: Currency = "EUR",
    engine: Engine = "local",
) -> None:
    """Build every feature of every buyer of a portfolio on some days, as Parquet files."""
    if bool(as_of) == bool(first) or bool(first) != bool(last):
        raise typer.BadParameter("give the days with --as-of, or with --from and --to")
    days = [day.date() for day in as_of or []]
    if first and last:
        days = days_between(first.date(), last.date(), MONTHS[every])
    if engine == "spark":
        from features.spark import build_features_spark

        rows = build_features_spark(portfolio, out, as_of_dates=days, currency=currency)
    else:
        from features.batch import build_partitions

        rows = build_partitions(portfolio, out, as_of_dates=days, currency=currency)
    console.print(f"{rows:,} rows of features in [bold]{out}[/bold]")


@features_app.command(
    "peers",
    epilog="Example: `encours features peers var/mine --from 2015-12-31 --to 2025-12-31`",
)
def peers(
    portfolio: Portfolio,
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day of publication")
    ],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="and none after")],
    every: Every = "quarter",
    currency: Currency = "EUR",
) -> None:
    """Write what is usual in a portfolio, as known on some days: where its buyers' ratios lay
    (table peers), and how late a country and a sector pay (table usual_lateness).

    A buyer's rank, and how much later than usual it pays, are features from then on; train anew to
    use them.
    """
    from features.accounts.peer_table import peer_table
    from features.facts import Facts
    from features.payments.usual_table import lateness_sums, usual_table
    from features.progress import watched
    from features.tables import read_tables, write_tables

    facts = Facts.of(read_tables(portfolio), currency)
    days = days_between(first.date(), last.date(), MONTHS[every])
    tables = {
        "peers": peer_table(facts, watched(days, "quantiles")),
        "usual_lateness": usual_table([lateness_sums(facts, days)]),
    }
    write_tables(tables, portfolio)
    for name, table in tables.items():
        console.print(f"{table.num_rows:,} rows in [bold]{portfolio / name}.parquet[/bold]")
