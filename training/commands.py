"""Verbs of this room: learn, promote, look back."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.options import CHAMPION, DEMO, Model, Page, Portfolio
from training.benchmark import commands as benchmark

console = Console()
app = typer.Typer()
app.add_typer(benchmark.app, name="benchmark")


@app.command(epilog="Example: `encours train var/american --config training/american.toml`")
def train(
    portfolio: Portfolio,
    config: Annotated[Path, typer.Option(help="cohort, label, split and fit, in TOML")],
    out: Annotated[Path | None, typer.Option(help="also write the bundle there")] = None,
    register: Annotated[
        bool, typer.Option(help="validate it, and log the run in MLflow as challenger")
    ] = True,
    central_tendency: Annotated[
        float | None, typer.Option(help="shift the mean probability to this long-run rate")
    ] = None,
) -> None:
    """Learn a calibrated default model, validate it out of time, register it as challenger."""
    from training.config import TrainingConfig
    from training.metrics import metrics_table
    from training.train import train as train_model
    from training.validation.report import table

    result = train_model(
        portfolio,
        TrainingConfig.load(config),
        out=out,
        register=register,
        central_tendency=central_tendency,
    )
    console.print(metrics_table(result.metrics, result.counts))
    if result.validation:
        console.print(table(result.validation, concerns=True))
    if result.version:
        console.print(f"model {result.model.version} is version {result.version}: the challenger")
    if out:
        console.print(f"bundle and metrics.json in [bold]{out}[/bold]")


@app.command(
    epilog="Example: `encours tune var/demo --config training/demo.toml --seconds 600 "
    "--out var/tuned.toml`, then `encours train var/demo --config var/tuned.toml`"
)
def tune(
    portfolio: Portfolio,
    config: Annotated[Path, typer.Option(help="where to start from, and the slices")],
    seconds: Annotated[float, typer.Option(min=1, help="budget of this call")] = 600,
    out: Annotated[Path, typer.Option(help="the same configuration, tuned")] = Path(
        "var/tuned.toml"
    ),
    storage: Annotated[
        Path, typer.Option(help="trials are kept there; a further call goes on from them")
    ] = Path("var/tuning.db"),
) -> None:
    """Search LightGBM's parameters inside the training slice; stop and resume at will."""
    from training.config import TrainingConfig
    from training.tune import tune_config

    tuned, trials = tune_config(
        portfolio, TrainingConfig.load(config), seconds=seconds, storage=storage
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(tuned.to_toml(), encoding="utf-8")
    console.print(f"best of {trials} trials in [bold]{out}[/bold]; they are kept in {storage}")


@app.command(
    epilog="Examples: `encours validate`, "
    "`encours validate champion --portfolio var/mine --config training/mine.toml`"
)
def validate(
    model: Annotated[
        str, typer.Argument(help="a bundle directory, a version or an alias")
    ] = "challenger",
    portfolio: Annotated[Path, typer.Option(help="folder of raw tables to judge it on")] = DEMO,
    config: Annotated[
        Path | None, typer.Option(help="cohort, label and split; by default those it learned with")
    ] = None,
    out: Annotated[Path, typer.Option(help="folder for report.html and report.json")] = Path(
        "var/validation"
    ),
    overrides: Annotated[
        Path | None,
        typer.Option(help="decisions as CSV or Parquet: buyer_id, as_of_date, model_limit, limit"),
    ] = None,
) -> None:
    """Judge a model: every check with its number and threshold; exit status 1 where one fails."""
    from training.validation.report import table
    from training.validation.validate_model import validate_model

    result = validate_model(model, portfolio, config=config, out=out, overrides=overrides)
    console.print(table(result))
    console.print(f"report in [bold]{out}/report.html[/bold]")
    if result.verdict == "FAIL":
        raise typer.Exit(1)


@app.command(epilog="Examples: `encours promote`, `encours promote 3`")
def promote(
    model: Annotated[str, typer.Argument(help="a version or an alias")] = "challenger",
) -> None:
    """Make a model the champion if its validation has no FAIL, and export its bundle."""
    from training.gate import gate
    from training.registry import PromotionRefusedError
    from training.registry import promote as promote_model

    try:
        version = promote_model(model, gate, CHAMPION)
    except PromotionRefusedError as error:
        console.print(f"[bold red]refused[/bold red] {error}", highlight=False)
        raise typer.Exit(1) from error
    console.print(f"version {version} is the champion; its bundle is in [bold]{CHAMPION}[/bold]")


@app.command(epilog="Example: `encours rollback`")
def rollback() -> None:
    """Return to the champion before this one."""
    from training.registry import rollback as roll_back

    console.print(f"version {roll_back(CHAMPION)} is the champion again")


@app.command(epilog="Example: `encours backtest var/demo --config training/demo.toml`")
def backtest(
    portfolio: Portfolio,
    config: Annotated[Path, typer.Option(help="its test slice is the history to run over")],
    model: Model = CHAMPION,
    out: Page = Path("var/backtest.html"),
) -> None:
    """Losses avoided and sales refused over history, against simpler rules, with intervals."""
    from models.credit_model import CreditModel
    from models.page import write_page
    from training.backtest import backtest as run_backtest
    from training.config import TrainingConfig

    result = run_backtest(portfolio, TrainingConfig.load(config), CreditModel.load(model))
    console.print(result.table())
    write_page(out, "Backtest", result.parts())
    console.print(f"page in [bold]{out}[/bold]")
