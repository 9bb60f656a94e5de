"""Settings of the whole test suite; a small portfolio and a small bundle for all of it."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from features.build import feature_matrix
from features.catalog import CATALOG, column
from features.facts import Facts
from features.tables import TABLES, conform, read_tables, write_tables
from models.credit_model import CreditModel
from models.default_model import DefaultModel
from models.policy import Policy
from training.economy.economy import generate

# A first call compiles kernels: its duration says nothing.
settings.register_profile("encours", deadline=None)
settings.load_profile("encours")

POSTGRESQL = Path("/usr/lib/postgresql/15/bin")

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
    {
        "buyer_id": "ODD-LONG",
        "country": "GB",
        "name": "Société Anonyme des Établissements Industriels et Commerciaux Réunis de "
        "Franche-Comté et du Haut-Doubs, successeurs de Veuve Amiot",
    },
    {"buyer_id": "ODD/ID ?", "country": "FR", "name": "Slash & Co"},
]


Row = dict[str, object]
MakeFacts = Callable[..., Facts]


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
    names = [feature.name for feature in CATALOG if feature.role == "model"]
    columns = [column(name) for name in names]
    late = np.nan_to_num(matrix[:, column("dbt_12m")])
    weak = -np.nan_to_num(matrix[:, column("net_worth")])
    default = (np.argsort(np.argsort(late)) + np.argsort(np.argsort(weak))) > 1.6 * len(late)
    data = lgb.Dataset(
        np.ascontiguousarray(matrix[:, columns]),
        default.astype(float),
        feature_name=names,
    )
    booster = lgb.train(
        {"objective": "binary", "num_leaves": 7, "min_data_in_leaf": 5, "verbosity": -1, "seed": 1},
        data,
        num_boost_round=20,
    )
    model = DefaultModel.from_booster(booster)
    seen = np.nan_to_num(np.sort(matrix[:, columns], axis=0))  # what is not known sorts last
    ranges = {
        name: (float(low), float(middle), float(high))
        for name, low, middle, high in zip(
            model.feature_names, seen[0], seen[len(seen) // 2], seen.max(axis=0), strict=True
        )
    }
    return CreditModel(model, Policy.load(), ranges, {"trained_on": "invented"})


@pytest.fixture(scope="session")
def bundle(credit_model: CreditModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as the service finds it."""
    folder = tmp_path_factory.mktemp("models") / "champion"
    credit_model.save(folder)
    return folder


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    """A real Spark inside this machine, on two cores."""
    pytest.importorskip("pyspark", reason="install the extra `spark`")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("Spark needs Java 17 or later")
    from features.spark import LOCAL, session

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(LOCAL, "spark.master", "local[2]")
        session = session()
        yield session
        session.stop()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a private PostgreSQL cluster, stopped at the end."""
    if not POSTGRESQL.is_dir():
        pytest.skip("no PostgreSQL 15 is installed")
    pytest.importorskip("psycopg", reason="no PostgreSQL driver (psycopg) is installed")
    folder = tmp_path_factory.mktemp("postgresql")
    as_owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    if as_owner:
        for ancestor in (folder, *folder.parents):
            if ancestor.stat().st_uid == 0 and ancestor != Path("/"):
                ancestor.chmod(ancestor.stat().st_mode | 0o011)
        shutil.chown(folder, "postgres")

    def run(tool: str, *arguments: str, check: bool = True) -> None:
        command = [*as_owner, str(POSTGRESQL / tool), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=check, capture_output=True)

    run("initdb", "-U", "postgres", "--auth=trust")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
    run("pg_ctl", "-w", "-o", options, "-l", str(folder / "log"), "start")
    yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
    run("pg_ctl", "-m", "immediate", "stop", check=False)  # gone already is stopped, too


@pytest.fixture(scope="session")
def make_facts() -> MakeFacts:
    """Facts of the buyers A, B, C … that the rows of each table mention, dates as ISO text."""

    def make(**tables: list[Row]) -> Facts:
        found = {name: _table(rows) for name, rows in tables.items() if rows}
        rows = [row for table in tables.values() for row in table]
        buyers = sorted({str(row["buyer_id"]) for row in rows if "buyer_id" in row})
        found["buyers"] = pa.table({"buyer_id": buyers, "country": ["FR"] * len(buyers)})
        return Facts.of(found)

    return make


def _table(rows: list[Row]) -> pa.Table:
    dates = [name for row in rows for name in row if name.endswith(("_on", "_date", "_at"))]
    return pa.Table.from_pylist(
        [
            {
                name: date.fromisoformat(str(value)) if name in dates and value else value
                for name, value in row.items()
            }
            for row in rows
        ]
    )
