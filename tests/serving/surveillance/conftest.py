"""A small portfolio under surveillance: two runs, half a year apart, made once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from models.credit_model import CreditModel
from serving.store.store import Store
from serving.surveillance.rules import Rules
from serving.surveillance.runs import Run
from serving.surveillance.surveil import surveil

FIRST, SECOND = date(2024, 12, 31), date(2025, 12, 31)


@dataclass(frozen=True)
class Watched:
    """A store with two finished runs, and the folder of their snapshots."""

    store: Store
    folder: Path
    first: Run
    second: Run


@pytest.fixture(scope="session")
def model(bundle: Path) -> CreditModel:
    """The small model, as it was saved."""
    return CreditModel.load(bundle)


@pytest.fixture(scope="session")
def watched(
    tables: Path, model: CreditModel, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    home = tmp_path_factory.mktemp("watched")
    store, rules = Store(f"sqlite:///{home}/store.db"), Rules.load()
    first, second = (
        surveil(model, rules, tables, day, store, home / "runs") for day in (FIRST, SECOND)
    )
    yield Watched(store, home / "runs", first, second)
    store.close()
