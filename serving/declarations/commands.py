"""Verb: what was declared, for the next training."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from features.options import Portfolio
from serving.store.commands import Address, opened

console = Console()
app = typer.Typer()
declarations_app = typer.Typer(no_args_is_help=True, help="Overdues and claims that were declared.")
app.add_typer(declarations_app, name="declarations")


@declarations_app.command(
    "export", epilog="Example: `encours declarations export var/demo --out var/next`"
)
def declarations_export(
    portfolio: Portfolio,
    out: Annotated[Path, typer.Option(help="new folder: the same tables, with what was declared")],
    store: Address = None,
) -> None:
    """Write the tables anew with the overdues and claims that were declared, for training.

    Only what the tables' last day knows is taken, and of claims only those found valid: so a label
    appears once the window of its cohort has been observed to its end, and never before.
    """
    from serving.declarations.export import export

    with opened(store) as opened_store:
        done = export(opened_store, portfolio, out)
    console.print(
        f"{done.taken:,} events among the incidents of [bold]{out}[/bold]; left for later: "
        f"{done.unknown_yet:,} known after {done.last_day}, {done.unreviewed:,} claims not found "
        f"valid, {done.strangers:,} of buyers these tables lack"
    )
