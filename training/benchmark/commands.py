"""Verbs of this room: compare our recipe with others."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

console = Console()
app = typer.Typer(no_args_is_help=True, help="Compare our recipe with others, on the same rows.")

PUBLIC = Path(os.environ.get("ENCOURS_DATA", "../shared/data"))


@app.callback()
def _verbs() -> None:
    """Keep the verb's name although it is alone."""


@app.command(
    epilog="Examples: `encours benchmark models`, `encours benchmark models --set polish-1year`, "
    "`encours benchmark models --table loans.csv --label y --group firm --date year`"
)
def models(
    table: Annotated[
        Path | None, typer.Option(help="CSV or Parquet file, instead of the public data sets")
    ] = None,
    label: Annotated[str | None, typer.Option(help="its column of outcomes, two values")] = None,
    group: Annotated[
        str | None, typer.Option(help="its column of firms, whose rows stay together")
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="its column of dates or years: test on the latest")
    ] = None,
    positive: Annotated[str | None, typer.Option(help="the label's value for a default")] = None,
    drop: Annotated[list[str] | None, typer.Option(help="columns to leave out")] = None,
    folds: Annotated[int, typer.Option(min=2, help="folds, where there is no --date")] = 10,
    test_from: Annotated[
        str | None, typer.Option(help="first date that tests; else the last fifth of the rows")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="public data sets by name; all by default")
    ] = None,
    model: Annotated[list[str] | None, typer.Option(help="models by name; all by default")] = None,
    data: Annotated[Path, typer.Option(help="folder of the public data sets")] = PUBLIC,
    economy: Annotated[
        Path, typer.Option(help="the generated economy; made there where it is missing")
    ] = Path("var/benchmark/economy"),
    out: Annotated[Path, typer.Option(help="folder for models.html and models.json")] = Path(
        "var/benchmark"
    ),
) -> None:
    """Measure encours beside other people's models, with intervals, each on the same rows.

    Out of time where there are dates, else in folds that keep groups together. Any table will do:
    every column but label, group and date is a feature; text is read as categories. All public
    sets take some two hours on two cores; answers are kept in OUT/answers, so that a run that was
    stopped goes on where it was.
    """
    from training.benchmark.page import table as shown
    from training.benchmark.page import write
    from training.benchmark.public_sets import SETS
    from training.benchmark.run import MODELS, run

    chosen = _known(model, MODELS, "model")
    if table is None:
        named = _known(set_, SETS, "data set")
        makes = [partial(SETS[name], data, economy) for name in named]
    else:
        if set_ or label is None:
            raise ValueError("--table needs --label, and goes without --set")
        from training.benchmark.table import table_set

        makes = [
            partial(
                table_set,
                table,
                label=label,
                group=group,
                date=date,
                positive=positive,
                drop=tuple(drop or ()),
                folds=folds,
                test_from=test_from,
            )
        ]
    outcomes = run(makes, chosen, kept=out / "answers")
    for outcome in outcomes:
        console.print(shown(outcome))
    write(outcomes, out)
    console.print(f"page and JSON in [bold]{out}[/bold]")


def _known(names: list[str] | None, known: Iterable[str], what: str) -> list[str]:
    """All of `known`, or those named; ValueError where there is no such one."""
    from features.ledgers.mapping import nearest

    for name in names or ():
        if name not in known:
            raise ValueError(f"no {what} {name!r}; {nearest(name, known)}")
    return names or list(known)
