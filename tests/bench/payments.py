"""Payment features of 3 million invoices, of one buyer, and of more than memory holds.

Every side starts from the same Arrow table, sorted by buyer, and gives the same columns, which is
checked. Then portfolios on disk, up to 30 million invoices of one million buyers, are read as
`encours features build` reads them, partition by partition: cost and memory must not grow with
their size.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from subprocess import PIPE
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as pq
from plotly.subplots import make_subplots
from rich.console import Console
from rich.progress import track

from features.facts import Facts, Keys
from features.partitions import BUYERS_A_PARTITION, count_partitions, partitions
from features.payments import ageing, payments
from features.tables import conform
from tests.bench.peers import payments_duckdb, payments_pandas, payments_polars
from tests.bench.table import Result, publish, seconds

BUYERS, INVOICES_A_BUYER, AS_OF = 100_000, 30, 20_000
PEERS = {
    "polars": payments_polars.payments,
    "polars, streaming": partial(payments_polars.payments, engine="streaming"),
    "DuckDB": payments_duckdb.payments,
    "pandas": payments_pandas.payments,
}
SIZES = (33_333, 100_000, 333_333, 1_000_000)  # buyers: 1, 3, 10 and 30 million invoices
BOUND = 4  # GiB
NO_TABLE_OF_PAYMENTS = {"part_paid_share_12m"}
PLOT = Path("var/bench/payments.html")
SCREEN = Console(stderr=True)
NAMES = [feature.name for feature in payments.FEATURES]


def portfolio(buyers: int, invoices_a_buyer: int, seed: int = 0, first: int = 0) -> dict:
    """Buyers numbered from `first`, and invoices of the 25 months before AS_OF and a few after."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(invoices_a_buyer, buyers) if buyers > 1 else np.array([invoices_a_buyer])
    buyer, rows = np.repeat(np.arange(buyers), counts), counts.sum()
    issued = AS_OF - rng.integers(-20, 760, rows)
    due = issued + rng.choice([30, 45, 60, 90], rows, p=[0.4, 0.2, 0.3, 0.1])
    paid = due + rng.geometric(0.08, rows) - 8
    open_still = (paid > AS_OF) | (rng.random(rows) < 0.02)
    signs = np.where(rng.random(rows) < 0.03, -1, 1)
    ids = pa.array([f"B{number:08}" for number in range(first, first + buyers)])
    suppliers = pa.array([f"S{number:04}" for number in range(500)])
    supplier = (buyer * 7 + rng.integers(0, 8, rows) * 31) % len(suppliers)
    invoices = {
        "invoice_id": pa.array([f"I{first}-{row}" for row in range(rows)]),
        "buyer_id": ids.take(pa.array(buyer)),
        "supplier_id": suppliers.take(pa.array(supplier)),
        "issued_on": days(issued),
        "due_on": days(due),
        "paid_on": days(paid, open_still),
        "amount": (rng.lognormal(7, 1, rows) * signs).round(2),
        "disputed_on": days(due + 3, rng.random(rows) > 0.01),
    }
    return {
        "buyers": pa.table({"buyer_id": ids, "country": pa.repeat("FR", buyers)}),
        "invoices": pa.table(invoices),
    }


def days(values: np.ndarray, null: np.ndarray | None = None) -> pa.Array:
    """An Arrow date column."""
    return pa.array(values.astype(np.int32), mask=null).cast(pa.date32())


def ours(tables: dict, buyers: int) -> np.ndarray:
    """Payment features of every buyer on AS_OF, conversion included."""
    facts = Facts.of(tables)
    return payments.build(facts, Keys(np.arange(buyers), np.full(buyers, AS_OF, np.int32)))


def check_equal(tables: dict, buyers: int) -> None:
    """Every peer computes every feature, and the same."""
    expected = dict(zip(NAMES, ours(tables, buyers).T, strict=True))
    for name, peer in PEERS.items():
        found = peer(tables["invoices"], AS_OF)
        found = found if name == "pandas" else found.to_pandas()
        found = found.set_index("buyer_id").reindex(tables["buyers"]["buyer_id"].to_pylist())
        for feature in expected.keys() - NO_TABLE_OF_PAYMENTS:
            np.testing.assert_allclose(
                found[feature].to_numpy(float),
                expected[feature],
                rtol=1e-9,
                atol=1e-9,
                err_msg=f"{feature} by {name}",
            )


def of_many() -> Iterator[Result]:
    """The whole table against each peer."""
    tables = portfolio(BUYERS, INVOICES_A_BUYER)
    check_equal(tables, BUYERS)
    invoices = tables["invoices"]
    what = f"{len(NAMES) - 1} features, {len(invoices):,} invoices, {BUYERS:,} buyers"
    work = {name: partial(peer, invoices, AS_OF) for name, peer in PEERS.items()}
    time = in_turns({"ours": partial(ours, tables, BUYERS), **work}, turns=5)
    for name in PEERS:
        yield Result(what, "s", time["ours"], time[name], name, time[name] / time["ours"])


def in_turns(work: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """Median seconds of each work, done in turns: what else the machine does falls on all alike."""
    times = [{name: seconds(run, 1, warmup=0) for name, run in work.items()} for _ in range(turns)]
    return {name: float(np.median([turn[name] for turn in times])) for name in work}


def of_one() -> Iterator[Result]:
    """One buyer with a hundred invoices: from its table, and from facts in memory."""
    tables, calls = portfolio(1, 100), 50
    check_equal(tables, 1)
    facts, key = Facts.of(tables), Keys(np.zeros(1, np.int64), np.array([AS_OF], np.int32))
    work = {
        "from its table": lambda: [ours(tables, 1) for _ in range(calls)],
        "from facts in memory": lambda: [payments.build(facts, key) for _ in range(calls)],
        "pandas": lambda: payments_pandas.payments(tables["invoices"], AS_OF),
    }
    time = in_turns(work, turns=20)
    for what in ("from its table", "from facts in memory"):
        mine, peer = time[what] / calls * 1e6, time["pandas"] * 1e6
        yield Result(f"one buyer, {what}", "µs", mine, peer, "pandas", peer / mine)


def write_portfolio(folder: Path, buyers: int) -> None:
    """A portfolio on disk, sorted by buyer, made a partition at a time."""
    firsts = range(0, buyers, BUYERS_A_PARTITION)
    files: dict[str, pq.ParquetWriter] = {}
    for first in track(firsts, f"writing {buyers:,} buyers", console=SCREEN):
        part = portfolio(min(BUYERS_A_PARTITION, buyers - first), INVOICES_A_BUYER, first, first)
        for name, frame in ((name, conform(name, frame)) for name, frame in part.items()):
            if name not in files:
                files[name] = pq.ParquetWriter(folder / f"{name}.parquet", frame.schema)
            files[name].write_table(frame, row_group_size=131_072)
    for file in files.values():
        file.close()


def stream(folder: Path) -> int:
    """Payment and balance features of a portfolio on disk; returns its number of invoices."""
    invoices, total = 0, count_partitions(folder)
    for tables in track(partitions(folder), "features", total, console=SCREEN):
        facts = Facts.of(tables)
        buyers = len(facts.buyers)
        keys = Keys(np.arange(buyers), np.full(buyers, AS_OF, np.int32))
        payments.build(facts, keys)
        ageing.build(facts, keys)
        invoices += len(facts["invoices"])
    return invoices


def stream_cost(folder: Path) -> dict[str, float]:
    """Invoices; nanoseconds an invoice (best of three), by the clock and of the processors, which
    other work on the machine does not count in; peak resident GiB of this process."""
    ours(portfolio(1, 100), 1)  # compiled code is loaded
    invoices = stream(folder)
    wall, busy = [], []
    for _ in range(3):
        start, used = perf_counter(), process_time()
        stream(folder)
        wall.append(perf_counter() - start)
        busy.append(process_time() - used)
    each = 1e9 / invoices
    return {
        "invoices": invoices,
        "ns": min(wall) * each,
        "processor ns": min(busy) * each,
        "GiB": peak_memory(),
    }


def peak_memory() -> float:
    """The most memory this process has had resident, in GiB."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 2**20


def of_streams(sizes: list[int]) -> Iterator[Result]:
    """Portfolios on disk of some sizes in buyers, each read in a process of its own."""
    costs = []
    for buyers in sizes:
        with TemporaryDirectory() as folder:
            write_portfolio(Path(folder), buyers)
            command = [sys.executable, "-m", "tests.bench.payments", "--stream", folder]
            costs.append(json.loads(subprocess.run(command, check=True, stdout=PIPE).stdout))
    plot(costs)
    least = costs[0]
    for buyers, cost in zip(sizes, costs, strict=True):
        what = f"{cost['invoices'] / 1e6:.0f} M invoices, {buyers:,} buyers, from disk"
        for kind in ("ns", "processor ns"):
            ratio = least[kind] / cost[kind]
            yield Result(
                f"{what}: an invoice", kind, cost[kind], least[kind], "the smallest", ratio
            )
        memory = cost["GiB"]
        yield Result(f"{what}: peak memory", "GiB", memory, BOUND, "the bound", BOUND / memory)


def plot(costs: list[dict[str, float]]) -> None:
    """Cost of an invoice and peak memory by size of the portfolio, in var/bench/payments.html."""
    invoices = [cost["invoices"] for cost in costs]
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.08)
    for row, unit, name in (
        (1, "ns", "ns an invoice"),
        (1, "processor ns", "processor ns an invoice"),
        (2, "GiB", "peak memory, GiB"),
    ):
        values = [cost[unit] for cost in costs]
        line = go.Scatter(x=invoices, y=values, mode="lines+markers", name=name)
        figure.add_trace(line, row, 1)
    figure.update_yaxes(rangemode="tozero")
    figure.add_hline(BOUND, line_dash="dot", annotation_text="bound", row=2, col=1)
    figure.update_xaxes(type="log")
    figure.update_layout(
        title="Payment and balance features of a portfolio on disk: cost by its size",
        xaxis2_title="invoices in the portfolio",
    )
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    figure.write_html(PLOT)
    SCREEN.print(f"the picture of cost and memory is in [bold]{PLOT}[/bold]")


def main() -> None:
    """Run and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--most", type=int, default=SIZES[-1], help="buyers of the largest portfolio on disk"
    )
    parser.add_argument("--stream", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stream:
        json.dump(stream_cost(options.stream), sys.stdout)
        return
    sizes = [size for size in SIZES if size <= options.most]
    publish(Path(__file__).stem, [*of_many(), *of_one(), *of_streams(sizes)])


if __name__ == "__main__":
    main()
