"""How soon the buyer page can be read: paints of a real Chromium, on loopback, with 100 k buyers.

Different buyers are opened one after another in one browser, as somebody at work does. The first
contentful paint is when anything is seen, the largest when the largest part is that came with the
page (what the buyer could change is searched once the page stands): both come from the browser's
own clock, and the budget stands beside them. `--portfolio` takes tables that are there; else they
are generated.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
from playwright.sync_api import sync_playwright
from rich.progress import track

from features.options import CHAMPION
from serving.access.keys import create_key
from serving.server import running
from serving.store.store import Store
from tests.bench.table import Result, publish
from training.economy.economy import generate

BUYERS, YEARS, SEED = 100_000, 4, 7
VISITS = 100
BUDGET = 300.0  # milliseconds, p95
PORT = 3185
CHROMIUM = "/usr/bin/chromium"
TIMES = """() => new Promise((tell) => {
    const entries = (kind) => performance.getEntriesByType(kind);
    new PerformanceObserver((list) => {
        const [page] = entries("navigation");
        const first = entries("paint").find(({ name }) => name === "first-contentful-paint");
        const late = ({ element }) => element?.closest("#counterfactuals");
        const own = list.getEntries().filter((entry) => !late(entry));
        tell([page.responseEnd, first.startTime, own.at(-1).startTime]);
    }).observe({ type: "largest-contentful-paint", buffered: true });
})"""
NAMES = ("answer received", "first contentful paint", "largest contentful paint")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portfolio", type=Path, default=Path(f"var/bench/buyers-{BUYERS}"))
    parser.add_argument("--model", type=Path, default=CHAMPION)
    parser.add_argument("--visits", type=int, default=VISITS)
    given = parser.parse_args(arguments)
    if not (given.portfolio / "buyers.parquet").is_file():
        generate(buyers=BUYERS, years=YEARS, seed=SEED, out=given.portfolio)
    buyers = _companies(given.portfolio, given.visits)
    with TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/store.db"
        store = Store(address)
        key = create_key(store, "bench", "underwriter")
        store.close()
        apart = {"ENCOURS_STORE": address, "BENTOML_HOME": f"{folder}/home"}
        with running(given.model, given.portfolio, port=PORT, environment=apart) as service:
            busy = _busy(processes := psutil.Process().children(recursive=True))
            times = _visit(service, key, buyers)
            busy = (_busy(processes) - busy) / len(buyers)
    publish("pages", [*_results(times, len(buyers)), _processor(busy)])


def _companies(portfolio: Path, most: int) -> list[str]:
    """Different buyers, evenly spread; people are not scored."""
    buyers = pq.read_table(portfolio / "buyers.parquet", columns=["buyer_id", "entity_type"])
    kinds = buyers["entity_type"].to_pylist()
    ids = [
        buyer_id
        for buyer_id, kind in zip(buyers["buyer_id"].to_pylist(), kinds, strict=True)
        if kind == "company"
    ]
    return [ids[i] for i in np.linspace(0, len(ids) - 1, most).astype(int)]


def _visit(service: str, key: str, buyers: Sequence[str]) -> np.ndarray:
    """Milliseconds from the start of each visit, (visits, NAMES)."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        context = browser.new_context(
            viewport={"width": 1440, "height": 900},
            extra_http_headers={"Authorization": f"Bearer {key}"},
        )
        page = context.new_page()
        page.goto(service)  # the style sheet is in the browser's cache from then on
        times = [_times(page, f"{service}/buyers/{buyer}") for buyer in track(buyers, "visiting")]
        browser.close()
    return np.array(times)


def _times(page: Any, address: str) -> list[float]:
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return list(page.evaluate(TIMES))


def _busy(processes: Sequence[psutil.Process]) -> float:
    """Milliseconds that the service kept a core busy since it began."""
    return sum(1000 * (one.cpu_times().user + one.cpu_times().system) for one in processes)


def _processor(busy: float) -> Result:
    what = "processor time of the service a visit, what the buyer could change included"
    return Result(what, "ms", busy, BUDGET, "the budget at p95", BUDGET / busy)


def _results(times: np.ndarray, visits: int) -> list[Result]:
    return [
        Result(
            f"buyer page, {name}, p{share} of {visits} visits",
            "ms",
            (ours := float(np.quantile(times[:, i], share / 100))),
            BUDGET,
            "the budget at p95",
            BUDGET / ours,
        )
        for i, name in enumerate(NAMES)
        for share in (50, 95)
    ]


if __name__ == "__main__":
    main()
