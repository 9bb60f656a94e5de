"""Progress bars, beside what is printed: on a terminal, and nowhere else."""

from collections.abc import Iterable
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress, TimeElapsedColumn, track

Item = TypeVar("Item")


def watched(items: Iterable[Item], doing: str, total: int | None = None) -> Iterable[Item]:
    """`items`, counted as they are taken; `total` where they have no length."""
    screen = Console(stderr=True)
    return track(items, doing, total, console=screen, disable=not screen.is_terminal)


def bars() -> Progress:
    """Bars to be moved by hand."""
    screen = Console(stderr=True)
    columns = (*Progress.get_default_columns(), TimeElapsedColumn())
    return Progress(*columns, console=screen, disable=not screen.is_terminal)
