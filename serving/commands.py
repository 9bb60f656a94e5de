"""Verbs of this room: serve, score, and questions on a whole portfolio."""

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.options import CHAMPION, DEMO, AsOf, Engine, Model, Page, Portfolio
from serving.access.commands import app as access_app
from serving.declarations.commands import app as declarations_app
from serving.store.commands import app as store_app
from serving.surveillance.commands import app as surveillance_app

console = Console()
app = typer.Typer()
policy_app = typer.Typer(no_args_is_help=True, help="Check a policy; compare two on a portfolio.")
app.add_typer(policy_app, name="policy")
app.add_typer(access_app)
app.add_typer(surveillance_app)
app.add_typer(store_app)
app.add_typer(declarations_app)


@app.command(epilog="Example: `encours serve --port 3000 --workers 2`")
def serve(
    model: Model = CHAMPION,
    portfolio: Annotated[Path, typer.Option(help="folder of raw tables")] = DEMO,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 3000,
    workers: Annotated[int, typer.Option(min=1, help="processes")] = 2,
) -> None:
    """Serve the endpoint, the API's documentation and the workbench on one port.

    A new store gets a key and an account, shown once and good on this machine only. To serve
    others, make them first: `encours key create`, `encours user add`.
    """
    from serving.access.first_start import first_credentials
    from serving.environment import store_address
    from serving.server import serve as serve_model
    from serving.store.store import Store

    with closing(Store(store_address())) as store:
        made = first_credentials(store, host)
    if made:
        console.print(made.told(f"http://{host}:{port}"), soft_wrap=True, highlight=False)
    serve_model(model, portfolio, host=host, port=port, workers=workers)


@app.command(epilog="Example: `encours doctor --host 0.0.0.0 --port 3000`")
def doctor(
    model: Annotated[
        Path | None, typer.Option(help="bundle directory; default ENCOURS_MODEL")
    ] = None,
    portfolio: Annotated[
        Path | None, typer.Option(help="folder of raw tables; default ENCOURS_PORTFOLIO")
    ] = None,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port to listen on")] = 3000,
) -> None:
    """Check a deployment: what is wrong and the remedy; exit status 1 where it would not serve.

    Nothing is changed. The environment is read as the service would read it.
    """
    from datetime import UTC

    from serving.doctor.examine import examine, findings_table
    from serving.environment import setting, store_address

    found = examine(
        model or Path(setting("ENCOURS_MODEL")),
        portfolio or Path(setting("ENCOURS_PORTFOLIO")),
        store_address(),
        host,
        port,
        datetime.now(UTC).date(),
    )
    console.print(findings_table(found))
    errors = sum(finding.level == "error" for finding in found)
    warnings = sum(finding.level == "warning" for finding in found)
    console.print(f"\n{errors} errors, {warnings} warnings")
    if errors:
        raise typer.Exit(1)


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
    """Score one buyer on the screen, or every legal entity of a portfolio into a file."""
    from features.partitions import count_buyers
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
    if persons := count_buyers(portfolio) - rows:
        console.print(f"{persons:,} natural persons and sole traders are not scored (AI Act)")


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
    page: Page = Path("var/allocation.html"),
) -> None:
    """The limits that earn the most margin for one total expected loss."""
    from models.credit_model import CreditModel
    from serving.reports.allocate import allocate as run_allocate
    from serving.reports.allocate import allocation_table, write_allocation_page

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
    write_allocation_page(summary, page)
    console.print(f"limits in [bold]{out}[/bold], page in [bold]{page}[/bold]")


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
    from serving.reports.policies import moves_table, policy_moves, unversioned, write_moves_page

    moves = policy_moves(CreditModel.load(model), before, after, portfolio, as_of.date())
    console.print(moves_table(moves))
    if warning := unversioned(before, after):
        console.print(f"[yellow]{warning}[/yellow]")
    write_moves_page(moves, before, after, out)
    console.print(f"page in [bold]{out}[/bold]")
