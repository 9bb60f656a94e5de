"""Kept answers: what a model answered on a fold is written down, so that a long run that was
stopped goes on where it was."""

import hashlib
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from training.benchmark.data_set import DataSet, Fold

TRAINING = Path(__file__).parents[1]
MODULES = (  # a change in any of them begins anew; features are told by their values
    *("benchmark/choice.py", "benchmark/entrants.py", "benchmark/ours.py"),
    *("bagging.py", "calibrated_fit.py", "config.py", "fit.py", "pairs.py"),
    "statistics/calibration.py",
)
LIBRARIES = ("lightgbm", "numpy", "scikit-learn", "xgboost", "catboost")

Answer = tuple[NDArray[np.float64], float]
"""Probability of each test row, and the seconds it took."""


def answered(
    folder: Path | None, name: str, data: DataSet, fold: Fold, entrant: Callable[..., NDArray]
) -> Answer:
    """What `entrant` answers on the fold's test rows; read from `folder` where it answered the very
    same before, else written there."""
    path = folder / f"{_digest(name, data, fold)}.npz" if folder else None
    if path and path.is_file():
        with np.load(path, allow_pickle=False) as kept:
            return kept["answer"], float(kept["seconds"])
    start = perf_counter()
    answer = np.asarray(entrant(data, fold), np.float64)
    seconds = perf_counter() - start
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".draft.npz")
        np.savez(draft, answer=answer, seconds=seconds)
        draft.rename(path)
    return answer, seconds


def _digest(name: str, data: DataSet, fold: Fold) -> str:
    digest = hashlib.sha256(
        f"{name} {_code()} {data.settings} {sorted(data.signs.items())}".encode()
    )
    digest.update(repr(list(data.features)).encode())
    arrays = (data.default, data.group, data.time, *fold, data.z_score, data.truth)
    for values in (pd.util.hash_pandas_object(data.features, index=False).to_numpy(), *arrays):
        content = b"" if values is None else np.ascontiguousarray(values).tobytes()
        digest.update(f"{len(content)} ".encode() + content)
    return digest.hexdigest()[:24]


@cache
def _code() -> str:
    """Digest of the modules and versions of the libraries that an answer may depend on."""
    digest = hashlib.sha256()
    for module in MODULES:
        digest.update((TRAINING / module).read_bytes())
    return digest.hexdigest() + " ".join(_version(library) for library in LIBRARIES)


def _version(library: str) -> str:
    try:
        return version(library)
    except ImportError:
        return "absent"
