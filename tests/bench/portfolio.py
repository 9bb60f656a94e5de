"""The portfolio's pages with a million buyers: how long each takes when it is first asked for after
a run, and again; and how fast the whole list leaves as CSV.

The last two runs of surveillance over a small portfolio are repeated under new ids until they hold
a million rows: what is sorted, searched and summed is a million different buyers. The application
answers in this process, so that nothing but its own work is timed.
"""

import argparse
import asyncio
import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import httpx
import pyarrow as pa
import pyarrow.compute as pc

from features.options import CHAMPION
from models.credit_model import CreditModel
from serving.access.keys import create_key
from serving.api.app import create_app
from serving.decide import Desk
from serving.store.store import Store
from serving.surveillance import snapshots
from serving.surveillance.rules import Rules
from serving.surveillance.surveil import surveil
from tests.bench.table import Result, publish

BUYERS = 1_000_000
DAYS = (date(2025, 11, 30), date(2025, 12, 31))
BUDGET, AGAIN = 1000.0, 200.0  # milliseconds: the first time after a run, and then
NAMES = ("buyer_id", "group_id", "name", "searchable")
PAGES = {
    "overview": "/portfolio",
    "list, largest losses first": "/portfolio/buyers",
    "list by name": "/portfolio/buyers?sort=name",
    "list by probability": "/portfolio/buyers?sort=-default_probability",
    "search in names": "/portfolio/buyers?q=comptoir+mar&sort=name",
    "French buyers of grade 8": "/portfolio/buyers?country=FR&grade=8",
    "the last page": "/portfolio/buyers?page=20000",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portfolio", type=Path, default=Path("var/demo"))
    parser.add_argument("--model", type=Path, default=CHAMPION)
    parser.add_argument("--buyers", type=int, default=BUYERS)
    given = parser.parse_args(arguments)
    with TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["ENCOURS_SURVEILLANCE"] = str(folder / "runs")
        address = f"sqlite:///{folder}/store.db"
        store = Store(address)
        model = CreditModel.load(given.model)
        for day in DAYS:
            surveil(model, Rules.load(), given.portfolio, day, store, folder / "runs")
        for table in (folder / "runs").glob("*/table.arrow"):
            _repeat(table, given.buyers)
        snapshots.mapped.cache_clear()
        key = create_key(store, "bench", "viewer")
        store.close()
        desk = Desk.open(given.model, given.portfolio, address, folder / "cache")
        publish("portfolio", asyncio.run(_measure(desk, key, given.buyers)))


def _repeat(path: Path, buyers: int) -> None:
    """Make the columns of a run hold so many buyers, each with an id and a name of its own."""
    with pa.memory_map(str(path)) as file:
        table = pa.ipc.open_file(file).read_all()
        copies = [_copy(table, n) for n in range(-(-buyers // len(table)))]
        whole = pa.concat_tables(copies).slice(0, buyers)
        whole = whole.take(pc.sort_indices(whole, sort_keys=[("buyer_id", "ascending")]))
        with pa.ipc.new_file(draft := path.with_suffix(".draft"), whole.schema) as target:
            target.write_table(whole, max_chunksize=65_536)
    draft.rename(path)


def _copy(table: pa.Table, number: int) -> pa.Table:
    for name in NAMES:
        place = table.schema.get_field_index(name)
        texts = pc.binary_join_element_wise(table[name].cast(pa.string()), f"{number:03}", " ")
        table = table.set_column(place, table.schema.field(place), texts.cast(table[name].type))
    return table


async def _measure(desk: Desk, key: str, buyers: int) -> list[Result]:
    transport = httpx.ASGITransport(create_app(desk))
    headers = {"Authorization": f"Bearer {key}", "Accept": "text/html"}
    found = []
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bench", headers=headers, timeout=600
    ) as client:
        for name, path in PAGES.items():
            first, again = await _seconds(client, path), await _seconds(client, path)
            for when, spent, budget in (("first", first, BUDGET), ("again", again, AGAIN)):
                wall, busy = (1000 * one for one in spent)
                what = f"{name}, {when}, {buyers:,} buyers (processor {busy:,.0f} ms)"
                found.append(Result(what, "ms", wall, budget, "the budget", budget / wall))
        start = perf_counter()
        answer = await client.get("/portfolio/buyers.csv")
        seconds = perf_counter() - start
        assert answer.content.count(b"\n") == buyers + 1
        rate = buyers / seconds
        found.append(
            Result("the whole list as CSV", "rows/s", rate, 100_000, "the goal", rate / 100_000)
        )
    return found


async def _seconds(client: httpx.AsyncClient, path: str) -> tuple[float, float]:
    """Seconds by the clock and of the processor that a page took."""
    begun, busy = perf_counter(), process_time()
    answer = await client.get(path)
    assert answer.is_success, answer.text
    return perf_counter() - begun, process_time() - busy


if __name__ == "__main__":
    main()
