"""The command line: one front door for people. Notebooks and code call the same functions."""

import json
import os
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

# Nothing phones home; set before any library reads it.
os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
# We exchange Arrow with Spark, no pandas.
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)

import typer
from rich.console import Console

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="How likely is this buyer to default, why, and how much should we let it owe us?",
)
features_app = typer.Typer(invoke_without_command=True)
app.add_typer(features_app, name="features")
policy_app = typer.Typer(no_args_is_help=True, help="Check a policy; compare two on a portfolio.")
app.add_typer(policy_app, name="policy")
console = Console()

CHAMPION = Path("var/champion")
DEMO = Path("var/demo")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
DEMO_QUESTION = {
    "buyer_id": "B0015835",  # late payer, thin equity: partly granted
    "as_of_date": "2025-12-31",
    "requested_amount": 150_000,
    "terms_days": 60,
}

Portfolio = Annotated[Path, typer.Argument(help="folder of raw tables (NAME.parquet)")]
Out = Annotated[Path, typer.Option(help="folder to write")]
Model = Annotated[Path, typer.Option(help="bundle directory")]
Engine = Annotated[Literal["local", "spark"], typer.Option(help="spark: for many machines")]
Page = Annotated[Path, typer.Option(help="HTML page to write")]
AsOf = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="what is known up to that day")]


@app.command(epilog="Example: `encours generate --buyers 20000 --years 6 --seed 7 --out var/demo`")
def generate(
    out: Out = DEMO,
    buyers: Annotated[int, typer.Option(min=1, help="number of buyers")] = 20_000,
    years: Annotated[int, typer.Option(min=3, help="years of history")] = 6,
    seed: Annotated[int, typer.Option(help="same seed, same bytes")] = 7,
) -> None:
    """Generate an economy whose true default probabilities are known, as raw tables."""
    from training.economy.economy import generate as generate_economy

    generate_economy(buyers=buyers, years=years, seed=seed, out=out)
    console.print(f"[bold]{out}[/bold] holds {buyers:,} buyers over {years} years, and the truth")


@app.command(
    "import",
    epilog="Examples: `encours import american-bankruptcy ../shared/data/american-bankruptcy "
    "--out var/american`, `encours import my-mapping.toml exports/ --out var/mine`",
)
def import_(
    what: Annotated[
        str,
        typer.Argument(help="a mapping (.toml, or sap, sage, odoo), or a public data set's name"),
    ],
    source: Annotated[str, typer.Argument(help="folder or file to read, or a database address")],
    out: Out,
    as_of: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="refuse rows dated after that day"),
    ] = None,
) -> None:
    """Turn ledgers and public data into raw tables; refused rows stand beside, with reasons."""
    from features.ledgers.import_ledger import import_ledger
    from features.ledgers.mapping import find_mapping
    from training.public_data import DATA_SETS, import_public

    if what in DATA_SETS:
        summary = import_public(what, Path(source), out)
    else:
        day = as_of.date() if as_of else None
        summary = import_ledger(find_mapping(what), source, out, as_of=day)
    console.print(summary.table())


@features_app.callback()
def features(context: typer.Context) -> None:
    """Print the catalogue of features, or build them."""
    if context.invoked_subcommand is None:
        list_features()


@features_app.command("list", epilog="Example: `encours features list --topic liquidity`")
def list_features(
    topic: Annotated[str | None, typer.Option(help="only the features of that topic")] = None,
) -> None:
    """Print the catalogue: what each feature means, its unit and its formula."""
    from features.catalog import catalog_listing

    console.print(catalog_listing(topic))


@features_app.command("page", epilog="Example: `encours features page --out features.md`")
def page(out: Annotated[Path, typer.Option(help="Markdown file to write")]) -> None:
    """Write the catalogue in full: sources, knowledge dates, signs and their reasons as well."""
    from features.catalog import catalog_page

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
    every: Annotated[Literal["month", "quarter", "year"], typer.Option()] = "quarter",
    engine: Engine = "local",
) -> None:
    """Build every feature of every buyer of a portfolio on some days, as Parquet files."""
    import numpy as np

    from training.cohort import grid_days
    from training.config import CohortRule

    if bool(as_of) == bool(first) or bool(first) != bool(last):
        raise typer.BadParameter("give the days with --as-of, or with --from and --to")
    days = [day.date() for day in as_of or []]
    if first and last:
        rule = CohortRule("grid", first.date(), last.date(), every_months=MONTHS[every])
        days = np.array(grid_days(rule), "datetime64[D]").tolist()
    if engine == "spark":
        from features.spark import build_features_spark

        rows = build_features_spark(portfolio, out, as_of_dates=days)
    else:
        from features.build import build_partitions

        rows = build_partitions(portfolio, out, as_of_dates=days)
    console.print(f"{rows:,} rows of features in [bold]{out}[/bold]")


@app.command(epilog="Example: `encours train var/american --config training/american.toml`")
def train(
    portfolio: Portfolio,
    config: Annotated[Path, typer.Option(help="cohort, label, split and fit, in TOML")],
    out: Annotated[Path | None, typer.Option(help="also write the bundle there")] = None,
    register: Annotated[bool, typer.Option(help="log the run in MLflow as challenger")] = True,
    central_tendency: Annotated[
        float | None, typer.Option(help="shift the mean probability to this long-run rate")
    ] = None,
) -> None:
    """Learn a calibrated default model, measure it out of time, register it as challenger."""
    from training.config import TrainingConfig
    from training.metrics_table import metrics_table
    from training.train import train as train_model

    result = train_model(
        portfolio,
        TrainingConfig.load(config),
        out=out,
        register=register,
        central_tendency=central_tendency,
    )
    console.print(metrics_table(result.metrics, result.counts))
    if result.version:
        console.print(f"model {result.model.version} is version {result.version}: the challenger")
    if out:
        console.print(f"bundle and metrics.json in [bold]{out}[/bold]")


@app.command(epilog="Examples: `encours promote`, `encours promote 3`")
def promote(
    model: Annotated[str, typer.Argument(help="a version or an alias")] = "challenger",
) -> None:
    """Make a model the champion if the gate passes, and export its bundle for the service."""
    from training.gate import gate
    from training.registry import promote as promote_model

    version = promote_model(model, gate, CHAMPION)
    console.print(f"version {version} is the champion; its bundle is in [bold]{CHAMPION}[/bold]")


@app.command(epilog="Example: `encours rollback`")
def rollback() -> None:
    """Return to the champion before this one."""
    from training.registry import rollback as roll_back

    console.print(f"version {roll_back(CHAMPION)} is the champion again")


@app.command(epilog="Example: `encours serve --port 3000 --workers 2`")
def serve(
    model: Model = CHAMPION,
    portfolio: Annotated[Path, typer.Option(help="folder of raw tables")] = DEMO,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 3000,
    workers: Annotated[int, typer.Option(min=1, help="processes")] = 2,
) -> None:
    """Serve the endpoint, the API's documentation and the workbench on one port."""
    from serving.server import serve as serve_model

    serve_model(model, portfolio, host=host, port=port, workers=workers)


@app.command(
    epilog="Examples: `encours score var/demo --as-of 2025-06-30 --buyer B00042`, "
    "`encours score var/demo --as-of 2025-06-30 --out var/scores.parquet`"
)
def score(
    portfolio: Portfolio,
    as_of: AsOf,
    model: Model = CHAMPION,
    buyer: Annotated[str | None, typer.Option(help="one buyer, explained on the screen")] = None,
    out: Annotated[
        Path, typer.Option(help="Parquet file for the portfolio (spark: folder)")
    ] = Path("var/scores.parquet"),
    engine: Engine = "local",
) -> None:
    """Score one buyer on the screen, or a whole portfolio into a file."""
    from models.credit_model import CreditModel
    from serving.batch import score_buyer, score_portfolio
    from serving.reports.console import decision_panel

    credit_model = CreditModel.load(model)
    if buyer:
        console.print(decision_panel(*score_buyer(credit_model, portfolio, buyer, as_of.date())))
        return
    if engine == "spark":
        from serving.spark_batch import score_portfolio_spark

        rows = score_portfolio_spark(credit_model, portfolio, as_of.date(), out)
    else:
        rows = score_portfolio(credit_model, portfolio, as_of.date(), out)
    console.print(f"{rows:,} buyers scored into [bold]{out}[/bold]")


@app.command(
    epilog="Examples: `encours stress var/demo --scenario sector-shock --as-of 2025-12-31`, "
    "`encours stress var/demo --scenario my.toml --as-of 2025-12-31 --loss-budget 5000000`"
)
def stress(
    portfolio: Portfolio,
    as_of: AsOf,
    scenario: Annotated[
        str, typer.Option(help="baseline, sector-shock, export-expansion, or a file (.toml)")
    ] = "baseline",
    model: Model = CHAMPION,
    out: Page = Path("var/stress.html"),
    loss_budget: Annotated[
        float | None, typer.Option(help="also find the mildest shock that costs as much")
    ] = None,
) -> None:
    """Shock the economy, a sector, the trade or the facts: probabilities, losses and limits."""
    from models.credit_model import CreditModel
    from serving.reports.stress import breaking_shock, stress_table, write_stress_page
    from serving.reports.stress import stress as run_stress

    credit_model, day = CreditModel.load(model), as_of.date()
    result = run_stress(credit_model, portfolio, scenario, day)
    console.print(stress_table(result))
    write_stress_page(result, out)
    if loss_budget is not None:
        shock = breaking_shock(credit_model, portfolio, scenario, day, loss_budget)
        found = "no shock does" if shock is None else f"{shock:.3f} standard deviations do"
        console.print(f"to lose {loss_budget:,.0f} {credit_model.policy.currency}: {found}")
    console.print(f"page in [bold]{out}[/bold]")


@app.command(epilog="Example: `encours audit var/demo --as-of 2025-12-31`")
def audit(
    portfolio: Portfolio,
    as_of: AsOf,
    model: Model = CHAMPION,
    out: Page = Path("var/audit.html"),
) -> None:
    """One page on a portfolio: grades, exposure against limits, concentration, data quality."""
    from models.credit_model import CreditModel
    from serving.reports.audit import audit as run_audit
    from serving.reports.audit_page import audit_table, write_audit_page

    summary = run_audit(CreditModel.load(model), portfolio, as_of.date())
    console.print(audit_table(summary))
    write_audit_page(summary, out)
    console.print(f"page in [bold]{out}[/bold]")


@app.command(epilog="Example: `encours allocate var/demo --as-of 2025-12-31 --budget 2000000`")
def allocate(
    portfolio: Portfolio,
    as_of: AsOf,
    budget: Annotated[
        float | None, typer.Option(help="expected loss; default: that of the rule-based limits")
    ] = None,
    name_share: Annotated[float, typer.Option(help="most of it on one buyer")] = 1.0,
    country_share: Annotated[float, typer.Option(help="most of it in one country")] = 1.0,
    model: Model = CHAMPION,
    out: Annotated[Path, typer.Option(help="Parquet file, a row a buyer")] = Path(
        "var/allocation.parquet"
    ),
) -> None:
    """The limits that earn the most margin for one total expected loss."""
    from models.credit_model import CreditModel
    from serving.reports.allocate import allocate as run_allocate
    from serving.reports.allocate import allocation_table

    summary = run_allocate(
        CreditModel.load(model),
        portfolio,
        as_of.date(),
        budget=budget,
        name_share=name_share,
        country_share=country_share,
        out=out,
    )
    console.print(allocation_table(summary))
    console.print(f"limits in [bold]{out}[/bold]")


@app.command(epilog="Example: `encours backtest var/demo --config training/demo.toml`")
def backtest(
    portfolio: Portfolio,
    config: Annotated[Path, typer.Option(help="its test slice is the history to run over")],
    model: Model = CHAMPION,
    out: Page = Path("var/backtest.html"),
) -> None:
    """Losses avoided and sales refused over history, against simpler rules, with intervals."""
    from models.credit_model import CreditModel
    from serving.reports.page import write_page
    from training.backtest import backtest as run_backtest
    from training.config import TrainingConfig

    result = run_backtest(portfolio, TrainingConfig.load(config), CreditModel.load(model))
    console.print(result.table())
    write_page(out, "Backtest", result.parts())
    console.print(f"page in [bold]{out}[/bold]")


@policy_app.command("check", epilog="Example: `encours policy check models/policy.toml`")
def policy_check(
    policy: Annotated[Path, typer.Argument(help="policy file (.toml)")],
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="day to judge expiries by")
    ] = None,
) -> None:
    """Say what is wrong or odd in a policy; exit status 1 where it cannot be used."""
    from models.policy_review import check
    from serving.reports.policies import findings_table

    findings = check(policy, as_of.date() if as_of else None)
    console.print(findings_table(findings))
    if any(finding.level == "error" for finding in findings):
        raise typer.Exit(1)


@policy_app.command(
    "diff",
    epilog="Example: `encours policy diff models/policy.toml draft.toml --portfolio var/demo "
    "--as-of 2025-12-31`",
)
def policy_diff(
    before: Annotated[Path, typer.Argument(help="policy in force")],
    after: Annotated[Path, typer.Argument(help="draft")],
    portfolio: Annotated[Path, typer.Option(help="folder of raw tables")],
    as_of: AsOf,
    model: Model = CHAMPION,
    out: Page = Path("var/policy-diff.html"),
) -> None:
    """Who moves, and by how much, when a draft replaces a policy."""
    from models.credit_model import CreditModel
    from serving.reports.policies import moves_table, policy_moves, write_moves_page

    moves = policy_moves(CreditModel.load(model), before, after, portfolio, as_of.date())
    console.print(moves_table(moves))
    write_moves_page(moves, before, after, out)
    console.print(f"page in [bold]{out}[/bold]")


@app.command(epilog="Example: `encours demo --check`")
def demo(
    check: Annotated[bool, typer.Option(help="stop the service at the end")] = False,
    buyers: Annotated[int, typer.Option(min=500, help="size of the generated economy")] = 20_000,
    port: Annotated[int, typer.Option(help="port of the service")] = 3000,
) -> None:
    """Run the whole path on a generated economy and show one explained limit."""
    from serving.reports.console import decision_panel
    from serving.server import ask, running

    generate(out=DEMO, buyers=buyers)
    train(DEMO, config=Path("training/demo.toml"))
    promote()
    with running(CHAMPION, DEMO, port=port, keep=not check) as address:
        told = ask(address, **DEMO_QUESTION)
        console.print(decision_panel(told))
        console.print(
            f"the same as JSON: curl -s {address}/v1/score -H 'content-type: application/json' "
            f"-d '{json.dumps(DEMO_QUESTION)}'\n\n"
            f"workbench   {address}/buyers/{told['buyer_id']}\n"
            f"API docs    {address}/docs\n"
            "MLflow UI   http://127.0.0.1:5000 after "
            "`.venv/bin/mlflow ui --backend-store-uri sqlite:///var/mlflow/mlflow.db`",
            soft_wrap=True,
            highlight=False,
        )
        if not check:
            console.print("\nThe service goes on; Ctrl-C stops it.")


def main() -> None:
    """Run the command line; a user sees what to mend, never a stack trace."""
    try:
        app()
    except (ValueError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        Console(stderr=True).print(f"[bold red]error[/bold red] {message}", highlight=False)
        sys.exit(2)


if __name__ == "__main__":
    main()
