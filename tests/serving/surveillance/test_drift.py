"""Drift is silent where nothing moves, and names what does."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.surveillance.drift import DRIVER, drift, first_of_model
from serving.surveillance.snapshots import Snapshot


@pytest.fixture
def first(watched) -> Snapshot:
    return Snapshot(watched.first, watched.folder / watched.first.run_id)


def moved(snapshot: Snapshot, folder: Path, **columns: np.ndarray) -> Snapshot:
    """The snapshot with other columns in its sample."""
    shutil.copytree(snapshot.folder, folder)
    path = folder / "sample-00000.parquet"
    sample = pq.read_table(path)
    for told, values in columns.items():
        name = told.replace("driver_", DRIVER)
        sample = sample.set_column(sample.column_names.index(name), name, pa.array(values))
    pq.write_table(sample, path)
    return Snapshot(snapshot.run, folder)


def test_against_itself_nothing_moves(model, first: Snapshot) -> None:
    found = drift(model, first, first)
    assert found["score"]["index"] == 0
    assert set(found["features"]) == set(model.feature_names)
    for feature in found["features"].values():
        assert feature["index"] == feature["driver_shift"] == 0
        assert feature["missing"] == feature["missing_then"]
        assert feature["bound"] > 0


def test_what_moves_is_named(model, first: Snapshot, tmp_path: Path) -> None:
    rows = pq.read_metadata(first.folder / "sample-00000.parquet").num_rows
    rng = np.random.default_rng(0)
    later = moved(
        first,
        tmp_path / "later",
        log_odds=rng.normal(0, 1, rows),
        dbt_12m=np.full(rows, np.nan),
        driver_dbt_12m=np.full(rows, 0.7),
    )
    found = drift(model, first, later)
    assert found["score"]["index"] > found["score"]["bound"]
    feature = found["features"]["dbt_12m"]
    assert (feature["missing"], feature["outside_training"]) == (1.0, 0.0)
    assert feature["index"] > max(feature["bound"], 0.25)
    before = pq.read_table(first.folder / "sample-00000.parquet")["driver:dbt_12m"].to_numpy()
    assert feature["driver_shift"] == pytest.approx(0.7 - before.mean())
    assert abs(feature["driver_shift"]) > feature["driver_shift_bound"]
    others = [f["index"] for name, f in found["features"].items() if name != "dbt_12m"]
    assert max(others) == 0


def test_the_reference_is_the_first_run_of_the_model(watched) -> None:
    past = [watched.second, watched.first]
    assert first_of_model(past, watched.first.model_version) == watched.first
    newer = replace(watched.second, model_version="new")
    assert first_of_model([newer, watched.first], "new") == newer
    assert first_of_model(past, "newest") is None
