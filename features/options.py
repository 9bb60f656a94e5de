"""Arguments and options that verbs of several rooms share, worded once."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

CHAMPION = Path("var/champion")
DEMO = Path("var/demo")

Portfolio = Annotated[Path, typer.Argument(help="folder of raw tables (NAME.parquet)")]
Out = Annotated[Path, typer.Option(help="folder to write")]
Model = Annotated[Path, typer.Option(help="bundle directory")]
Engine = Annotated[Literal["local", "spark"], typer.Option(help="spark: for many machines")]
Page = Annotated[Path, typer.Option(help="HTML page to write")]
AsOf = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="what is known up to that day")]
