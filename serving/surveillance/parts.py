"""The files of a run: written partition by partition, each whole or absent, so that a run that was
killed goes on where it stopped."""

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.partitions import BUYERS_A_PARTITION, count_buyers, count_partitions, partitions
from features.progress import watched
from models.credit_model import CreditModel
from serving.surveillance.beside import Beside
from serving.surveillance.drift import DRIVER
from serving.surveillance.rescore import Rescored, rescore
from serving.surveillance.rules import Rules
from serving.surveillance.snapshots import Snapshot

SAMPLE = 20_000  # buyers whose features and drivers are kept


def write_manifest(folder: Path, portfolio: Path, rules: Rules) -> None:
    """Say how many parts a run will have, and under which rules it is made."""
    folder.mkdir(parents=True, exist_ok=True)
    manifest = {"parts": count_partitions(portfolio), "rules": rules.model_dump(mode="json")}
    draft = folder / ".manifest.json"
    draft.write_text(json.dumps(manifest, indent=1))
    draft.rename(folder / "manifest.json")


def manifest(folder: Path) -> dict[str, Any] | None:
    """What `write_manifest` wrote; None where it did not come to it."""
    path = folder / "manifest.json"
    return json.loads(path.read_text()) if path.is_file() else None


def is_whole(folder: Path) -> bool:
    """Whether every part is there."""
    told = manifest(folder)
    return told is not None and len(written(folder)) == told["parts"]


def written(folder: Path) -> set[int]:
    """Numbers of the parts that are there."""
    return {int(path.stem.removeprefix("part-")) for path in folder.glob("part-*.parquet")}


def write_parts(
    model: CreditModel,
    rules: Rules,
    portfolio: Path,
    as_of_date: date,
    folder: Path,
    previous: Snapshot | None,
    beside: Beside,
) -> None:
    """Write the parts of a run that are missing; one partition is in memory at a time."""
    done, total = written(folder), count_partitions(portfolio)
    stride = -(-count_buyers(portfolio) // SAMPLE)
    missing = [number for number in range(total) if number not in done]
    coming = watched(
        partitions(portfolio, BUYERS_A_PARTITION, skip=done),
        "re-scoring" if not done else f"re-scoring, {len(done)} of {total} parts stand",
        len(missing),
    )
    for number, tables in zip(missing, coming, strict=True):
        ids = tables["buyers"]["buyer_id"]
        before = None
        if previous is not None:
            before = previous.carried(pc.min(ids).as_py(), pc.max(ids).as_py())
        found = rescore(model, rules, tables, as_of_date, before, beside)
        _write(folder / f"sample-{number:05}.parquet", _sample(model, found, stride))
        _write(folder / f"part-{number:05}.parquet", found.snapshot)  # the part seals both


def _sample(model: CreditModel, found: Rescored, stride: int) -> pa.Table:
    """Every `stride`-th buyer: features and drivers, in the order of the model."""
    rows = slice(0, None, stride)
    features = found.assessment.matrix[rows, model.columns]
    drivers = found.assessment.contributions[rows]
    names = model.feature_names
    return pa.table(
        {
            "log_odds": found.assessment.log_odds[rows],
            **dict(zip(names, np.ascontiguousarray(features.T), strict=True)),
            **{
                DRIVER + name: column
                for name, column in zip(names, np.ascontiguousarray(drivers.T), strict=True)
            },
        }
    )


def _write(path: Path, table: pa.Table) -> None:
    """The file is there whole and on disk, or not at all."""
    draft = path.with_name(f".{path.name}")
    with draft.open("wb") as file:
        pq.write_table(table, file, compression="zstd")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
