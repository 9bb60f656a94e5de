"""The command line: one front door for people. Notebooks and code call the same functions."""

import json
import os
import sys
import warnings
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

# MLflow draws no bars of its own, and says what matters only; set before it is read.
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
# We exchange Arrow with Spark, no pandas.
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)

import typer
from rich.console import Console
from rich.markup import escape

from features import commands as features_commands
from features.options import CHAMPION, DEMO, Out
from serving import commands as serving_commands
from training import commands as training_commands
from training.commands import promote, train

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    help="How likely is this buyer to default, why, and how much should we let it owe us?",
)
for room in (features_commands, training_commands, serving_commands):
    app.add_typer(room.app)
console = Console()

DEMO_BUYERS, DEMO_MODEL = 20_000, Path("var/demo-model")
DEMO_BUYER = "B0015835"  # of the economy at its defaults: late payer, thin equity, partly granted
DEMO_QUESTION: dict[str, Any] = {
    "as_of_date": "2025-12-31",
    "requested_amount": 150_000,
    "terms_days": 60,
}


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


@app.command(epilog="Example: `encours demo --check`")
def demo(
    check: Annotated[bool, typer.Option(help="stop the service at the end")] = False,
    buyers: Annotated[
        int, typer.Option(min=500, help="size of the generated economy")
    ] = DEMO_BUYERS,
    port: Annotated[int, typer.Option(help="port of the service")] = 3000,
) -> None:
    """Run the whole path on a generated economy and show one explained limit.

    The configuration is made for the size it has by default. Where the gate refuses the model of
    another size, the demo says so and goes on with what it has learned, not promoted.
    """
    from serving.access.first_start import demo_credentials
    from serving.environment import store_address
    from serving.reports.console import decision_panel
    from serving.server import ask, running
    from serving.store.store import Store

    generate(out=DEMO, buyers=buyers)
    train(DEMO, config=Path("training/demo.toml"), out=DEMO_MODEL)
    model = _promoted(buyers)
    with closing(Store(store_address())) as store:
        caller = demo_credentials(store)
    with running(model, DEMO, port=port, keep=not check) as address:
        question = {"buyer_id": _demo_buyer(model), **DEMO_QUESTION}
        told = ask(address, caller.key, **question)
        console.print(decision_panel(told))
        console.print(
            f"the same as JSON: curl -s {address}/v1/score -H 'authorization: Bearer {caller.key}' "
            "-H 'content-type: application/json' "
            f"-d '{json.dumps(question)}'\n\n"
            f"workbench   {address}/buyers/{told['buyer_id']}\n"
            f"            sign in as {caller.name}, password {caller.password}\n"
            f"API docs    {address}/docs\n"
            "MLflow UI   http://127.0.0.1:5000 after "
            "`DO_NOT_TRACK=true .venv/bin/mlflow ui --backend-store-uri sqlite:///var/mlflow/mlflow.db`\n\n"
            "The key and the sign-in work on this machine only, until the next demo.",
            soft_wrap=True,
            highlight=False,
        )
        if not check:
            console.print("\nThe service goes on; Ctrl-C stops it.")


def _promoted(buyers: int) -> Path:
    """The bundle that the demo serves: the champion or, for a size that the configuration is not
    made for, what the gate has just refused."""
    try:
        promote()
    except typer.Exit:
        if buyers == DEMO_BUYERS:
            raise
        console.print(
            f"The gate says no; the demo shows the model of {buyers:,} buyers all the same, from "
            f"[bold]{DEMO_MODEL}[/bold]. It is not the champion."
        )
        return DEMO_MODEL
    return CHAMPION


def _demo_buyer(model: Path) -> str:
    """The buyer of the README; in an economy without it, another one worth showing."""
    import pyarrow.parquet as pq

    from models.credit_model import CreditModel
    from serving.reports.example import example_buyer

    if DEMO_BUYER in pq.read_table(DEMO / "buyers.parquet")["buyer_id"].to_pylist():
        return DEMO_BUYER
    day, amount = DEMO_QUESTION["as_of_date"], DEMO_QUESTION["requested_amount"]
    return example_buyer(CreditModel.load(model), DEMO, date.fromisoformat(day), amount)


def main() -> None:
    """Run the command line; a user sees what to mend, never a stack trace."""
    try:
        app()
    except (ValueError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        Console(stderr=True).print(
            f"[bold red]error[/bold red] {escape(str(message))}", highlight=False
        )
        sys.exit(2)


if __name__ == "__main__":
    main()
