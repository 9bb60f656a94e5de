"""A million buyers scored again: time, memory, cost a buyer; then one machine against Spark.

One generated economy of 100,000 buyers (some 3 M invoices) is repeated under new ids: R0-B0000001,
R1-B0000001, … Every row is read, built, scored and written as any other; that buyers resemble each
other makes nothing cheaper. Each size is under surveillance twice, by the command that users run,
in a process of its own: the second run scores with drivers and limits, compares with the first, and
raises alerts. Spark scores the same economy on one core, then on two.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from math import ceil, log2
from pathlib import Path
from time import perf_counter

import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from features.tables import TABLES
from models.page import write_page
from serving.store.store import Store
from serving.surveillance.runs import finished
from training.economy.economy import generate

OUT = Path("var/bench")
ECONOMY = 100_000  # buyers that are generated; more are repetitions
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
DAYS = ("2025-11-30", "2025-12-31")
WORLD = 90_000_000  # buyers an insurer watches
NEW_IDS = ("buyer_id", "invoice_id", "group_id")
EXECUTORS = (1, 2, 4, 8, 16, 32, 64)
console = Console(width=110)


@dataclass(frozen=True)
class Measured:
    """One run: `scoring` are the seconds until every part is written, `whole` those of the command
    from start to end, alerts, drift and report among them, `processor` those it kept a core busy;
    `memory` is its peak in MB."""

    buyers: int
    invoices: int
    scoring: float
    whole: float
    processor: float
    memory: float
    alerts: int

    @property
    def cost(self) -> float:
        """Microseconds of scoring a buyer."""
        return 1e6 * self.scoring / self.buyers


def main(buyers: int, model: Path, folder: Path) -> None:
    """Measure every size up to `buyers`, then Spark; print, plot, keep."""
    economy = folder / "economy"
    if not (economy / "buyers.parquet").is_file():
        generate(buyers=ECONOMY, years=6, seed=7, out=economy)
    runs = []
    for size in [size for size in SIZES if size <= buyers]:
        runs.append(surveilled(portfolio_of(economy, size, folder), model, folder / "runs"))
        last = runs[-1]
        console.print(f"{size:,} buyers: {last.scoring:.0f} s, {last.memory:,.0f} MB", style="dim")
    spark = [on_spark(portfolio_of(economy, ECONOMY, folder), model, cores) for cores in (1, 2)]
    report(runs, *spark)


def portfolio_of(economy: Path, buyers: int, folder: Path) -> Path:
    """A portfolio of the first `buyers` of the economy, or of as many repetitions as it takes."""
    out = folder / f"buyers-{buyers}"
    if out.is_dir():
        return out
    draft = folder / f".buyers-{buyers}"
    draft.mkdir(parents=True, exist_ok=True)
    ids = sorted(pq.read_table(economy / "buyers.parquet", columns=["buyer_id"])[0].to_pylist())
    last = ids[min(buyers, ECONOMY) - 1]
    for name, table in TABLES.items():
        if not (economy / f"{name}.parquet").is_file():
            continue
        rows = pq.read_table(economy / f"{name}.parquet")
        repetitions = ceil(buyers / ECONOMY) if table.of_buyer else 1
        if table.of_buyer:
            rows = rows.filter(pc.less_equal(rows["buyer_id"], last))
        with pq.ParquetWriter(draft / f"{name}.parquet", rows.schema, compression="zstd") as file:
            for number in range(repetitions):
                file.write_table(_renamed(rows, number), row_group_size=131_072)
    draft.rename(out)
    return out


def _renamed(rows: pa.Table, number: int) -> pa.Table:
    for name in NEW_IDS:
        if name in rows.column_names:
            place = rows.column_names.index(name)
            new = pc.binary_join_element_wise(f"R{number}", rows[name], "-")
            rows = rows.set_column(place, name, new)
    return rows


def surveilled(portfolio: Path, model: Path, folder: Path) -> Measured:
    """The second of two runs of `encours surveil`, measured from outside."""
    home = folder / portfolio.name
    address = f"sqlite:///{home}/store.db"
    subprocess.run(["rm", "-rf", str(home)], check=True)
    home.mkdir(parents=True)
    for day in DAYS:
        whole, processor, memory = _command(
            *("surveil", portfolio, "--as-of", day, "--model", model, "--store", address),
            *("--folder", home / "snapshots", "--out", home / "page.html"),
        )
    store = Store(address)
    summary = finished(store, 1)[0].summary
    store.close()
    subprocess.run(["rm", "-rf", str(home)], check=True)
    rows = [
        pq.read_metadata(portfolio / f"{name}.parquet").num_rows for name in ("buyers", "invoices")
    ]
    return Measured(
        *rows, summary["seconds"], whole, processor, memory, sum(summary["alerts"].values())
    )


def _command(*arguments: object, cores: str = "") -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak MB of one `encours …`, in a process of its own."""
    began = perf_counter()
    pinned = ["taskset", "--cpu-list", cores] if cores else []
    process = subprocess.Popen(
        [*pinned, sys.executable, "-W", "ignore", "-m", "encours", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"encours {arguments[0]} ended with status {status}")
    busy = usage.ru_utime + usage.ru_stime
    return perf_counter() - began, busy, usage.ru_maxrss / 1024


def on_spark(portfolio: Path, model: Path, cores: int) -> float:
    """Buyers a second of `encours score --engine spark` on that many cores, less its start."""
    mine = sorted(os.sched_getaffinity(0))[:cores]
    if len(mine) < cores:
        raise RuntimeError(f"this machine has {len(mine)} cores; the step to {cores} needs them")

    def seconds(folder: Path) -> float:
        out = OUT / f"spark-{cores}"
        subprocess.run(["rm", "-rf", str(out)], check=True)
        asked = ("score", folder, "--as-of", DAYS[1], "--model", model, "--out", out)
        taken, *_ = _command(*asked, "--engine", "spark", cores=",".join(map(str, mine)))
        subprocess.run(["rm", "-rf", str(out)], check=True)
        return taken

    small = portfolio.with_name(f"buyers-{SIZES[0]}")
    more = ECONOMY - SIZES[0]
    return more / (seconds(portfolio) - seconds(small))


def report(runs: list[Measured], one: float, two: float) -> None:
    """The tables, the plot and the numbers."""
    table = Table(
        "buyers",
        "invoices",
        "scoring, s",
        "µs a buyer",
        "whole, s",
        "cores busy, s",
        "peak MB",
        "alerts",
    )
    for run in runs:
        table.add_row(
            f"{run.buyers:,}",
            f"{run.invoices:,}",
            f"{run.scoring:.1f}",
            f"{run.cost:.0f}",
            f"{run.whole:.1f}",
            f"{run.processor:.1f}",
            f"{run.memory:,.0f}",
            f"{run.alerts:,}",
        )
    console.print(table)
    largest = runs[-1]
    alone = WORLD * largest.scoring / largest.buyers / 3600
    kept = two / one / 2  # of the speed, each time the cores double
    console.print(
        f"{WORLD:,} buyers on this machine ({len(os.sched_getaffinity(0))} cores): {alone:.1f} h "
        f"of scoring, {WORLD * largest.whole / largest.buyers / 3600:.1f} h with alerts and "
        "report.\n"
        f"Spark, {ECONOMY - SIZES[0]:,} buyers beyond the first {SIZES[0]:,}: {one:,.0f} buyers/s "
        f"on 1 core, {two:,.0f} on 2: {100 * kept:.0f} % of each doubling is kept."
    )
    hours = {n: WORLD / (one * n * kept ** log2(n)) / 3600 for n in EXECUTORS}
    spark = Table("executors of one core", *(str(n) for n in EXECUTORS))
    spark.add_row(f"hours for {WORLD:,}, extrapolated", *(f"{h:.1f}" for h in hours.values()))
    console.print(spark)
    _plot(runs)
    OUT.mkdir(parents=True, exist_ok=True)
    content = {
        "runs": [asdict(run) for run in runs],
        "hours_alone": alone,
        "spark_buyers_a_second": {"1": one, "2": two},
        "spark_hours": hours,
    }
    (OUT / "scale.json").write_text(json.dumps(content, indent=2) + "\n")
    console.print(
        f"plot in [bold]{OUT}/scale.html[/bold], numbers in [bold]{OUT}/scale.json[/bold]"
    )


def _plot(runs: list[Measured]) -> None:
    size = [run.buyers for run in runs]
    figure = go.Figure(
        [
            go.Scatter(x=size, y=[run.cost for run in runs], name="µs a buyer"),
            go.Scatter(x=size, y=[run.memory for run in runs], name="peak MB", yaxis="y2"),
        ],
        layout={
            "xaxis": {"title": "buyers", "type": "log"},
            "yaxis": {"title": "scoring, µs a buyer", "rangemode": "tozero"},
            "yaxis2": {
                "title": "peak MB",
                "rangemode": "tozero",
                "overlaying": "y",
                "side": "right",
            },
        },
    )
    write_page(OUT / "scale.html", "Cost a buyer, from ten thousand to a million", [figure])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buyers", type=int, default=SIZES[-1], help="largest portfolio")
    parser.add_argument("--model", type=Path, default=Path("var/champion"))
    parser.add_argument("--folder", type=Path, default=OUT / "scale", help="where portfolios stand")
    main(**vars(parser.parse_args()))
