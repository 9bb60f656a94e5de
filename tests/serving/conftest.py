"""A small portfolio, a small bundle, and the service over them, in this process."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.build import feature_matrix
from features.catalog import MODEL_FEATURES, column
from features.facts import Facts
from features.tables import TABLES, conform, read_tables, write_tables
from models.credit_model import CreditModel
from models.default_model import DefaultModel
from models.policy import Policy
from serving.api import create_app
from serving.champion import Champion
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.server import running
from serving.store import Store
from training.economy import generate

# Beside the generated buyers: what a page or a door must handle.
ODD_BUYERS = [
    {"buyer_id": "ODD-EMPTY", "country": "FR", "name": None},
    {
        "buyer_id": "ODD-NAME",
        "country": "FR",
        "name": "Électricité <script>alert(1)</script> & Fils",
    },
    {
        "buyer_id": "ODD-PERSON",
        "country": "FR",
        "name": "Ana Lima",
        "entity_type": "natural_person",
    },
    {"buyer_id": "ODD/ID ?", "country": "FR", "name": "Slash & Co"},
]


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw tables of some two hundred buyers over four years, known up to the end of 2025."""
    folder = tmp_path_factory.mktemp("tables")
    generate(buyers=200, years=4, seed=3, out=folder)
    odd = conform("buyers", pa.Table.from_pylist(ODD_BUYERS, TABLES["buyers"].schema))
    buyers = conform("buyers", pq.read_table(folder / "buyers.parquet"))
    write_tables({"buyers": pa.concat_tables([buyers, odd])}, folder)
    return folder


@pytest.fixture(scope="session")
def credit_model(tables: Path) -> CreditModel:
    """A small model of an invented hazard: late payers and weak balance sheets default."""
    facts = Facts.of(read_tables(tables))
    ids = facts.buyer_ids.tolist()
    matrix = feature_matrix(facts, facts.keys(ids, np.full(len(ids), date(2024, 12, 31))))
    columns = [column(feature.name) for feature in MODEL_FEATURES]
    late = np.nan_to_num(matrix[:, column("dbt_12m")])
    weak = -np.nan_to_num(matrix[:, column("net_worth")])
    default = (np.argsort(np.argsort(late)) + np.argsort(np.argsort(weak))) > 1.6 * len(late)
    data = lgb.Dataset(
        np.ascontiguousarray(matrix[:, columns]),
        default.astype(float),
        feature_name=[feature.name for feature in MODEL_FEATURES],
    )
    booster = lgb.train(
        {"objective": "binary", "num_leaves": 7, "min_data_in_leaf": 5, "verbosity": -1, "seed": 1},
        data,
        num_boost_round=20,
    )
    model = DefaultModel.from_booster(booster)
    ranges = dict.fromkeys(model.feature_names, (0.0, 0.5, 1.0))
    return CreditModel(model, Policy.load(), ranges, {"trained_on": "invented"})


@pytest.fixture(scope="session")
def bundle(credit_model: CreditModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as the service finds it."""
    folder = tmp_path_factory.mktemp("models") / "champion"
    credit_model.save(folder)
    return folder


@pytest.fixture(scope="session")
def portfolio(tables: Path) -> Portfolio:
    return Portfolio.load(tables, "EUR")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/store.db")
    yield store
    store.close()


@pytest.fixture
def desk(bundle: Path, portfolio: Portfolio, store: Store) -> Desk:
    return Desk(Champion(bundle), portfolio, store)


class Client:
    """Asks the service in this process; errors answer as they would over the wire."""

    def __init__(self, desk: Desk) -> None:
        self.transport = httpx.ASGITransport(create_app(desk), raise_app_exceptions=False)

    def request(self, method: str, path: str, **content: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://test") as http:
                return await http.request(method, path, **content)

        return asyncio.run(ask())

    def get(self, path: str, **content: Any) -> httpx.Response:
        return self.request("GET", path, **content)

    def post(self, path: str, **content: Any) -> httpx.Response:
        return self.request("POST", path, **content)


@pytest.fixture
def client(desk: Desk) -> Client:
    return Client(desk)


@pytest.fixture(scope="session")
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def service(
    bundle: Path, tables: Path, free_port: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the real service, two workers, started once."""
    folder = tmp_path_factory.mktemp("service")
    apart = {"ENCOURS_STORE": f"sqlite:///{folder}/store.db", "BENTOML_HOME": str(folder / "home")}
    with running(bundle, tables, port=free_port, environment=apart) as address:
        yield address
