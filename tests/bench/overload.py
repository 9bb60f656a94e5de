"""Ten times what the service works on at once, for a while: what is accepted is answered soon, the
rest is told when to come again, and everything acknowledged is in the store.

A caller a connection, each asking again as soon as it was answered; who is refused waits as long as
it was told. First as many as keep the service busy, then ten times what it admits.
"""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from urllib.parse import urlsplit

import numpy as np
import orjson
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from serving.access.keys import create_key
from serving.admission import MOST_AT_ONCE
from serving.server import running
from serving.store.store import Store

WORKERS = 2
BUSY = 16  # callers that keep two workers busy
ADMITTED = WORKERS * MOST_AT_ONCE
console = Console()


@dataclass
class Told:
    """What callers were told: seconds to each answer, by status, and accepted decisions."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    decisions: list[str] = field(default_factory=list)
    broken: int = 0


async def _call(address: str, requests: Sequence[bytes], turn: int, end: float, told: Told) -> None:
    where = urlsplit(address)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    while perf_counter() < end:
        turn += 1
        began = perf_counter()
        writer.write(requests[turn % len(requests)])
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = dict(
                line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
            )
            body = await reader.readexactly(int(lines[b"content-length"]))
        except (asyncio.IncompleteReadError, ConnectionError):
            told.broken += 1
            return
        status = int(head.split(b" ", 2)[1])
        told.seconds.setdefault(status, []).append(perf_counter() - began)
        if lines.get(b"connection") == b"close":  # connections are evened out among workers
            writer.close()
            reader, writer = await asyncio.open_connection(where.hostname, where.port)
        if status == 200:
            told.decisions.append(orjson.loads(body)["decision_id"])
        else:
            await asyncio.sleep(float(lines.get(b"retry-after", b"1")))
    writer.close()


async def _load(address: str, requests: Sequence[bytes], callers: int, seconds: float) -> Told:
    told, end = Told(), perf_counter() + seconds
    calls = (_call(address, requests, number, end, told) for number in range(callers))
    await asyncio.gather(*calls)
    return told


def main(model: Path, portfolio: Path, port: int, seconds: float) -> None:
    """Measure both loads; print; fail where an acknowledged decision is not in the store."""
    with TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/store.db"
        store = Store(address)
        key = create_key(store, "overload", "engine", rate="1000000/second")
        apart = {"ENCOURS_STORE": address, "ENCOURS_CACHE": f"{folder}/cache"}
        requests = _requests(portfolio, key)
        loads = {}
        with running(model, portfolio, port=port, workers=WORKERS, environment=apart) as url:
            for callers in (BUSY, 10 * ADMITTED):
                loads[callers] = asyncio.run(_load(url, requests, callers, seconds))
        kept = store.verify().sequence
        store.close()
    acknowledged = [decision for told in loads.values() for decision in told.decisions]
    assert len(acknowledged) == len(set(acknowledged)) == kept, (len(acknowledged), kept)
    report(loads, seconds, kept)


def _requests(portfolio: Path, key: str) -> list[bytes]:
    rows = pq.read_table(portfolio / "buyers.parquet", columns=["buyer_id", "entity_type"])
    bodies = [
        orjson.dumps({"buyer_id": row["buyer_id"], "as_of_date": "2025-12-31"})
        for row in rows.slice(0, 2000).to_pylist()
        if row["entity_type"] in (None, "company")
    ]
    head = (
        "POST /v1/score HTTP/1.1\r\nhost: encours\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {key}\r\ncontent-length: "
    )
    return [f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies]


def report(loads: dict[int, Told], seconds: float, kept: int) -> None:
    """A row a load."""
    table = Table("callers", "accepted/s", "p50, ms", "p99, ms", "refused/s", "p99, ms", "others")
    for callers, told in loads.items():
        accepted, refused = (np.array(told.seconds.get(status, [0.0])) for status in (200, 503))
        others = {status: len(t) for status, t in told.seconds.items() if status not in (200, 503)}
        table.add_row(
            f"{callers:,}",
            f"{len(told.decisions) / seconds:,.0f}",
            *(f"{1e3 * np.quantile(accepted, q):.1f}" for q in (0.5, 0.99)),
            f"{len(told.seconds.get(503, [])) / seconds:,.0f}",
            f"{1e3 * np.quantile(refused, 0.99):.1f}",
            f"{others or ''} {told.broken or ''}".strip() or "none",
        )
    console.print(table)
    console.print(f"{kept:,} decisions acknowledged, each in the store once; the chain holds")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=Path("var/champion"))
    parser.add_argument("--portfolio", type=Path, default=Path("var/demo"))
    parser.add_argument("--port", type=int, default=3510)
    parser.add_argument("--seconds", type=float, default=30.0, help="of each load")
    main(**vars(parser.parse_args()))
