"""Benchmark results: a printed table and `var/bench/NAME.json`."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Result:
    """One comparison on the same work in the same run; `ratio`: how many times better ours is."""

    what: str
    unit: str
    ours: float
    peer: float
    peer_name: str
    ratio: float


def seconds(work: Callable[[], Any], repeat: int = 5, warmup: int = 1) -> float:
    """Median wall time of `work()` in seconds."""
    for _ in range(warmup):
        work()
    times = []
    for _ in range(repeat):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return median(times)


def publish(name: str, results: Sequence[Result], folder: Path = Path("var/bench")) -> None:
    """Print the results and write them to `folder/NAME.json`."""
    table = Table("what", "unit", "ours", "peer", "peer is", "ratio", title=f"bench {name}")
    for r in results:
        ours, peer, ratio = f"{r.ours:,.4g}", f"{r.peer:,.4g}", f"{r.ratio:.1f}×"
        table.add_row(r.what, r.unit, ours, peer, r.peer_name, ratio)
    Console().print(table)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps([asdict(r) for r in results], indent=2) + "\n")
