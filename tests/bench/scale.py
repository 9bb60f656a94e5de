"""A million buyers scored again: time, memory, cost a buyer; then one machine against Spark.

One generated economy of 100,000 buyers (some 3 M invoices) is repeated under new ids: R0-B0000001,
R1-B0000001, … Every row is read, built, scored and written as any other; that buyers resemble each
other makes nothing cheaper. Each size is under surveillance twice, by the command that users run,
in a process of its own: the second run scores with drivers and limits, compares with the first, and
raises alerts. One run is killed half-way and goes on. Spark scores the same economy on one core,
then on two.
"""

import argparse
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import date
from math import ceil
from pathlib import Path
from time import perf_counter, sleep

import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa
from rich.console import Console
from rich.table import Table

from features.tables import TABLES
from models.page import write_page
from serving.store.store import Store
from serving.store.surveillance import ALERTS
from serving.surveillance.runs import finished
from tests.bench import spark_step
from training.economy.economy import generate

OUT = Path("var/bench")
ECONOMY = 100_000  # buyers that are generated; more are repetitions
SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
DAYS = ("2025-11-30", "2025-12-31")
WORLD = 90_000_000  # buyers an insurer watches
NEW_IDS = ("buyer_id", "invoice_id", "group_id")
console = Console(width=110)


@dataclass(frozen=True)
class Measured:
    """One run: `scoring` are the seconds until every part is written and `busy` those that cores
    were busy with it, `whole` those of the command from start to end, alerts, drift and report
    among them, and `processor` those it kept a core busy; `memory` is its peak in MB."""

    buyers: int
    invoices: int
    scoring: float
    busy: float
    whole: float
    processor: float
    memory: float
    alerts: int

    @property
    def cost(self) -> float:
        """Microseconds of a core that scoring a buyer took: other work beside adds nothing."""
        return 1e6 * self.busy / self.buyers


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
    killed = max(run.buyers for run in runs if run.buyers <= ECONOMY)
    alerts = next(run.alerts for run in runs if run.buyers == killed)
    told = resumed(portfolio_of(economy, killed, folder), model, folder / "runs", alerts)
    large, small = (portfolio_of(economy, size, folder) for size in (ECONOMY, SIZES[0]))
    day = date.fromisoformat(DAYS[1])
    report(runs, told, spark_step.step(large, small, ECONOMY - SIZES[0], model, day))


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
    home, arguments = _home(folder, portfolio.name)
    for day in DAYS:
        whole, processor, memory = _command(
            "surveil", portfolio, "--as-of", day, "--model", model, *arguments
        )
    store = Store(f"sqlite:///{home}/store.db")
    summary = finished(store, 1)[0].summary
    store.close()
    subprocess.run(["rm", "-rf", str(home)], check=True)
    rows = [
        pq.read_metadata(portfolio / f"{name}.parquet").num_rows for name in ("buyers", "invoices")
    ]
    return Measured(
        *rows,
        summary["seconds"],
        summary["processor_seconds"],
        whole,
        processor,
        memory,
        sum(summary["alerts"].values()),
    )


def _home(folder: Path, name: str) -> tuple[Path, list[str]]:
    """An empty place for runs, and the arguments that name it."""
    home = folder / name
    subprocess.run(["rm", "-rf", str(home)], check=True)
    home.mkdir(parents=True)
    where = {"store": f"sqlite:///{home}/store.db", "folder": home / "snapshots"}
    where["out"] = home / "page.html"
    return home, [f"--{option}={value}" for option, value in where.items()]


def _started(*arguments: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "encours", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
    )


def _command(*arguments: object) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak MB of one `encours …`, in a process of its own."""
    began = perf_counter()
    process = _started(*arguments)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"encours {arguments[0]} ended with status {status}")
    busy = usage.ru_utime + usage.ru_stime
    return perf_counter() - began, busy, usage.ru_maxrss / 1024


def resumed(portfolio: Path, model: Path, folder: Path, alerts: int) -> str:
    """What became of a run that was killed half-way; RuntimeError where anything was done twice or
    is missing beside a run left alone, which raised `alerts`."""
    home, arguments = _home(folder, f"{portfolio.name}-killed")
    _command("surveil", portfolio, "--as-of", DAYS[0], "--model", model, *arguments)
    asked = ("surveil", portfolio, "--as-of", DAYS[1], "--model", model, *arguments)
    process = _started(*asked)
    while not (found := list(home.glob(f"snapshots/{DAYS[1]}-*"))) or len(_parts(found[0])) < 2:
        sleep(0.02)
    process.kill()
    process.wait()
    stood = _parts(found[0])
    taken, *_ = _command(*asked)
    whole = _parts(found[0])
    if not stood.items() <= whole.items():
        raise RuntimeError("a part that stood was made again")
    store = Store(f"sqlite:///{home}/store.db")
    with store.reading() as connection:
        kept = connection.execute(sa.select(ALERTS.c.run_id, ALERTS.c.buyer_id)).all()
    store.close()
    subprocess.run(["rm", "-rf", str(home)], check=True)
    if not len(kept) == len(set(kept)) == alerts:
        raise RuntimeError(f"{len(kept)} alerts, {len(set(kept))} of them distinct; not {alerts}")
    return (
        f"killed with {len(stood)} of {len(whole)} parts written, the same command took "
        f"{taken:.0f} s: those parts stand as they were, {alerts:,} alerts, none twice"
    )


def _parts(run: Path) -> dict[str, int]:
    """When each part of a run was written."""
    return {path.name: path.stat().st_mtime_ns for path in run.glob("part-*.parquet")}


def report(runs: list[Measured], killed: str, spark: dict[int, spark_step.Rate]) -> None:
    """The tables, the plot and the numbers."""
    table = Table(
        *("buyers", "invoices", "scoring, s", "core µs a buyer", "whole, s", "cores busy, s"),
        *("peak MB", "alerts"),
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
    smallest, largest = runs[0], runs[-1]
    alone = WORLD * largest.scoring / largest.buyers / 3600
    console.print(
        f"a buyer of {largest.buyers:,} costs {largest.cost / smallest.cost:.2f}× one of "
        f"{smallest.buyers:,}\n{killed}\n"
        f"{WORLD:,} buyers on this machine ({len(os.sched_getaffinity(0))} cores): {alone:.1f} h "
        f"of scoring, {WORLD * largest.whole / largest.buyers / 3600:.1f} h with alerts and report"
    )
    spark_step.report(console, WORLD, spark)
    _plot(runs)
    OUT.mkdir(parents=True, exist_ok=True)
    content = {
        "runs": [asdict(run) for run in runs],
        "cost_ratio": largest.cost / smallest.cost,
        "killed": killed,
        "hours_alone": alone,
        "spark": {cores: rate._asdict() for cores, rate in spark.items()},
        "spark_hours": spark_step.hours(WORLD, spark),
    }
    (OUT / "scale.json").write_text(json.dumps(content, indent=2) + "\n")
    console.print(
        f"plot in [bold]{OUT}/scale.html[/bold], numbers in [bold]{OUT}/scale.json[/bold]"
    )


def _plot(runs: list[Measured]) -> None:
    size = [run.buyers for run in runs]
    figure = go.Figure(
        [
            go.Scatter(x=size, y=[run.cost for run in runs], name="core µs a buyer"),
            go.Scatter(x=size, y=[run.memory for run in runs], name="peak MB", yaxis="y2"),
        ],
        layout={
            "xaxis": {"title": "buyers", "type": "log"},
            "yaxis": {"title": "scoring, core µs a buyer", "rangemode": "tozero"},
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
