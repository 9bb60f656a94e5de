"""The step from one core to two under Spark, and what it says of many executors (see scale.py).

Each number of cores has a Spark of its own, warm, as executors are on a cluster. It scores a large
and a small portfolio; the rate is that of the buyers that the large one has more, so that neither
the start nor the planning of a query counts.
"""

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from math import log2
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

import psutil
from rich.console import Console
from rich.table import Table

from models.credit_model import CreditModel

EXECUTORS = (1, 2, 4, 8, 16, 32, 64)
REPEAT = 3


class Rate(NamedTuple):
    """Buyers a second by the clock, and microseconds that a buyer kept a core busy."""

    buyers: float
    processor: float


def step(large: Path, small: Path, more: int, model: Path, day: date) -> dict[int, Rate]:
    """The rate on one core and on two; `more` is what the large portfolio has more."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < 2:
        raise RuntimeError("the step from one core to two needs two cores")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")  # PySpark's, on every start
    rates = {}
    for cores in (1, 2):
        apart = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, apart) as pool:
            work = pool.submit(_rate, large, small, more, model, day, mine[:cores])
            rates[cores] = work.result()
    return rates


def _rate(large: Path, small: Path, more: int, model: Path, day: date, cores: list[int]) -> Rate:
    os.sched_setaffinity(0, cores)  # before Spark starts: local[*] takes what there is
    from features.spark import session
    from serving.spark_batch import score_portfolio_spark

    spark, credit_model = session(), CreditModel.load(model)

    def taken(portfolio: Path) -> tuple[float, float]:
        with TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            began, busy = perf_counter(), _busy()
            score_portfolio_spark(credit_model, portfolio, day, out, spark=spark)
            return perf_counter() - began, _busy() - busy

    taken(large)  # warms it
    times = [(*taken(large), *taken(small)) for _ in range(REPEAT)]
    wall = min(time[0] for time in times) - min(time[2] for time in times)
    processor = min(time[1] for time in times) - min(time[3] for time in times)
    spark.stop()
    return Rate(more / wall, 1e6 * processor / more)


def _busy() -> float:
    """Processor seconds of Spark and its Python workers so far."""
    family = psutil.Process().children(recursive=True)
    times = [process.cpu_times() for process in [psutil.Process(), *family]]
    return sum(time.user + time.system for time in times)


def hours(world: int, rates: dict[int, Rate]) -> dict[int, float]:
    """Hours for `world` buyers on each of EXECUTORS, if every doubling keeps of the speed what the
    measured one kept."""
    one, two = rates[1].buyers, rates[2].buyers
    kept = two / one / 2
    return {n: world / (one * n * kept ** log2(n)) / 3600 for n in EXECUTORS}


def report(console: Console, world: int, rates: dict[int, Rate]) -> None:
    """The step, and the hours."""
    one, two = rates[1], rates[2]
    console.print(
        f"Spark on 1 core: {one.buyers:,.0f} buyers/s, {one.processor:.0f} µs of a core each; "
        f"on 2: {two.buyers:,.0f}, {two.processor:.0f} µs: {two.buyers / one.buyers:.2f}× as fast, "
        f"{50 * two.buyers / one.buyers:.0f} % of a doubling is kept."
    )
    table = Table("executors of one core", *(str(n) for n in EXECUTORS))
    table.add_row(
        f"hours for {world:,}, extrapolated", *(f"{h:.1f}" for h in hours(world, rates).values())
    )
    console.print(table)
