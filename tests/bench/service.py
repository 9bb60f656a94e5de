"""The full, stored decision over HTTP against MLflow's server and a bare ASGI app.

Same booster, same machine, one run; every server has the same number of workers, and wrk asks each
in its turn. MLflow is given ready features and answers with probability and drivers only; ours
finds the facts, builds the features, explains the probability, sets the limit, tries the
conditions and keeps the decision before it answers. MLflow is as it comes out of the box: with
several workers its uvicorn sends an answer in packets that wait for each other, some 40 ms of its
time at one connection.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import astuple, dataclass
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from warnings import catch_warnings

import httpx
import mlflow
import numpy as np
import orjson
import psutil
import pyarrow.compute as pc
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
from rich.console import Console
from rich.table import Table

from features.build import feature_matrix
from features.facts import Facts, Keys
from features.options import CHAMPION, DEMO
from features.tables import TABLES, Tables, read_tables
from models.credit_model import CreditModel
from serving.access.keys import create_key
from serving.server import running
from serving.store.store import Store
from tests.bench.load import Load, load
from tests.bench.table import Result, publish

PEERS = Path(__file__).parent / "peers"
ROOT = Path(__file__).parents[2]
AS_OF = "2025-12-31"
ASKED = 200  # different buyers
BATCH = 50
WORKERS, MANY, ROUNDS = 2, 16, 5
PORT = 3290


@dataclass(frozen=True)
class Asked:
    """The same buyers as each server wants to be asked about them."""

    by_id: list[bytes]
    by_facts: list[bytes]
    batches: list[bytes]  # of BATCH buyers
    ready: list[bytes]  # rows of features, for MLflow


def questions(portfolio: Path, model: CreditModel) -> Asked:
    """Legal entities with some history, spread over the portfolio."""
    tables = read_tables(portfolio)
    facts = Facts.of(tables, model.policy.currency)
    trades = np.diff(facts["invoices"].start) >= 12
    kind = facts["buyers"].labels["entity_type"][facts["buyers"]["entity_type"]]
    codes = np.flatnonzero(trades & ~np.isin(kind, model.policy.refused_entities))
    codes = codes[:: max(len(codes) // ASKED, 1)][:ASKED]
    day = np.full(len(codes), np.datetime64(AS_OF).astype(np.int32))
    matrix = feature_matrix(facts, Keys(codes, day))[:, model.columns]
    ids = facts.buyer_ids[codes].tolist()
    terms = {"as_of_date": AS_OF, "requested_amount": 50_000, "terms_days": 60}
    by_id = [{"buyer_id": buyer, **terms} for buyer in ids]
    return Asked(
        [orjson.dumps(one) for one in by_id],
        [orjson.dumps({"facts": _raw(tables, buyer), **terms}) for buyer in ids],
        [orjson.dumps({"requests": by_id[i : i + BATCH]}) for i in range(0, len(ids), BATCH)],
        [_split(model.feature_names, row) for row in matrix],
    )


def _raw(tables: Tables, buyer_id: str) -> dict[str, Any]:
    """All that the tables say of a buyer, as a request gives it."""
    raw: dict[str, Any] = {}
    for name, table in TABLES.items():
        if not table.of_buyer or name not in tables:
            continue
        rows = tables[name].filter(pc.equal(tables[name]["buyer_id"], buyer_id)).to_pylist()
        given = [{k: v for k, v in row.items() if v is not None} for row in rows]
        if name == "buyers":
            raw["buyer"] = given[0]
        else:
            raw[name] = [{k: v for k, v in row.items() if k != "buyer_id"} for row in given]
    return raw


def _split(names: Sequence[str], row: np.ndarray) -> bytes:
    data = [[None if np.isnan(value) else float(value) for value in row]]
    return orjson.dumps({"dataframe_split": {"columns": list(names), "data": data}})


@contextmanager
def server(command: Sequence[str], url: str, environment: Mapping[str, str]) -> Iterator[float]:
    """A server that answers at `url`; the seconds it took to. Stopped at the end."""
    began = time.perf_counter()
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"  # MLflow looks for uvicorn there
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while time.perf_counter() - began < 120:
            if process.poll() is not None:
                raise ChildProcessError(f"{' '.join(command)} ended: {process.returncode}")
            try:
                if httpx.get(url, timeout=5).is_success:
                    break
            except httpx.TransportError:
                time.sleep(0.05)
        yield time.perf_counter() - began
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, 15)
        process.wait(30)


def _where(port: int) -> list[str]:
    return ["--port", str(port), "--workers", str(WORKERS)]


def mlflow_model(code: str, model: CreditModel, bundle: Path, folder: Path) -> Path:
    """A bundle as an MLflow model whose code is `peers/CODE.py`."""
    columns = [ColSpec("double", name) for name in model.feature_names]
    with catch_warnings(action="ignore"):  # it wants an input example
        mlflow.pyfunc.save_model(
            folder / code,
            python_model=str(PEERS / f"{code}.py"),
            artifacts={"bundle": str(bundle)},
            signature=ModelSignature(Schema(columns)),
            pip_requirements=[],
        )
    return folder / code


def megabytes() -> float:
    """Memory of the largest worker: its own pages, and its share of those it has in common."""
    children = psutil.Process().children(recursive=True)
    workers = [child for child in children if "_bentoml_impl.worker.service" in child.cmdline()]
    return max(worker.memory_full_info().pss for worker in workers) / 2**20


def ask(
    url: str, bodies: Sequence[bytes], seconds: float, headers: Mapping[str, str] | None = None
) -> dict[int, Load]:
    """One connection, then many, each the mean of some rounds; a little before either, so that
    nothing is measured cold. Which worker gets how many of the connections is luck, and may halve
    what a server does: each round opens new ones."""
    asked = partial(load, url, bodies, headers=headers)
    asked(connections=MANY, seconds=2)
    rounds = {
        n: [asked(connections=n, seconds=max(seconds / ROUNDS, 2)) for _ in range(ROUNDS)]
        for n in (1, MANY)
    }
    return {n: Load(*np.mean([astuple(one) for one in some], axis=0)) for n, some in rounds.items()}


def show(name: str, measured: Mapping[str, Mapping[int, Load]]) -> None:
    """Every server's latencies and throughput."""
    columns = ("connections", "p50 ms", "p95 ms", "p99 ms", "requests/s")
    table = Table("server", *columns, title=f"bench {name}: {WORKERS} workers each")
    for server_name, loads in measured.items():
        for connections, one in loads.items():
            figures = (one.p50, one.p95, one.p99)
            told = [f"{figure:.2f}" for figure in figures]
            table.add_row(server_name, str(connections), *told, f"{one.a_second:,.0f}")
    Console().print(table)


def main() -> None:
    """Measure every server in turn, print all figures, publish the ratios."""
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--model", type=Path, default=CHAMPION)
    options.add_argument("--portfolio", type=Path, default=DEMO)
    given = options.parse_args()
    model = CreditModel.load(given.model)
    asked = questions(given.portfolio, model)
    measured: dict[str, dict[int, Load]] = {}
    ports = count(PORT)  # one each: a server may keep its own for a while after it has stopped
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for code, name in (
            ("mlflow_pred_contrib", "mlflow models serve"),
            ("mlflow_kernel", "mlflow with our kernel"),
        ):
            path, port = mlflow_model(code, model, given.model, folder), next(ports)
            serve = ["-m", "mlflow", "models", "serve", "-m", str(path), "--env-manager", "local"]
            address = f"http://127.0.0.1:{port}"
            with server([*serve, *_where(port)], f"{address}/ping", {}):
                measured[name] = ask(f"{address}/invocations", asked.ready, given.seconds)
        apart = {
            "ENCOURS_MODEL": str(given.model.resolve()),
            "ENCOURS_PORTFOLIO": str(given.portfolio.resolve()),
            "ENCOURS_STORE": f"sqlite:///{folder}/bare.db",
            "ENCOURS_CACHE": f"{folder}/bare",
        }
        bare, port = ["-m", "tests.bench.peers.bare_asgi"], next(ports)
        address = f"http://127.0.0.1:{port}/"
        with server([*bare, *_where(port)], address, apart):
            measured["bare ASGI, not stored"] = ask(address, asked.by_id, given.seconds)
        address = f"sqlite:///{folder}/store.db"
        store = Store(address)
        key = create_key(store, "bench", "engine", rate="1000000/second")
        store.close()
        apart = {"ENCOURS_STORE": address, "ENCOURS_CACHE": f"{folder}/cache"}
        start = partial(running, given.model, given.portfolio, workers=WORKERS)
        with start(port=next(ports), environment=apart):
            pass  # the first start writes what workers map
        began = time.perf_counter()
        with start(port=next(ports), environment=apart) as address:
            ready = time.perf_counter() - began
            asked_as = {"Authorization": f"Bearer {key}"}
            for name, route, bodies in (
                ("encours", "score", asked.by_id),
                ("encours, facts in the body", "score", asked.by_facts),
                ("encours, a limit alone", "limits", asked.by_id),
                (f"encours, {BATCH} in a batch", "score-batch", asked.batches),
            ):
                measured[name] = ask(f"{address}/v1/{route}", bodies, given.seconds, asked_as)
            memory = megabytes()
    show("service", measured)
    results = ratios(measured)
    results.append(Result("start to ready", "s", ready, 5.0, "goal", 5.0 / ready))
    results.append(Result("memory of a worker", "MB", memory, 300.0, "goal", 300.0 / memory))
    publish("service", results)


def ratios(measured: Mapping[str, Mapping[int, Load]]) -> list[Result]:
    """Ours against each peer: time at one connection, throughput at many, the tail."""
    ours = measured["encours"]
    found = []
    for name in ("mlflow models serve", "mlflow with our kernel", "bare ASGI, not stored"):
        theirs = measured[name]
        time_ratio = theirs[1].p50 / ours[1].p50
        rate_ratio = ours[MANY].a_second / theirs[MANY].a_second
        found.append(
            Result("p50, one connection", "ms", ours[1].p50, theirs[1].p50, name, time_ratio)
        )
        found.append(
            Result(
                f"requests/s, {MANY} connections",
                "1/s",
                ours[MANY].a_second,
                theirs[MANY].a_second,
                name,
                rate_ratio,
            )
        )
    tail = ours[MANY]
    found.append(
        Result(f"p99, {MANY} connections", "ms", tail.p99, tail.p50, "its p50", tail.p99 / tail.p50)
    )
    return found


if __name__ == "__main__":
    main()
