"""Registry: every run in MLflow; the aliases challenger and champion say which model serves.

Runs go to `MLFLOW_TRACKING_URI`, by default SQLite and a folder under var/mlflow. A model is the
bundle, logged as code (no pickle), so `mlflow models serve` and `mlflow.pyfunc.spark_udf` read it.
"""

import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities.model_registry import ModelVersion
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from models.credit_model import (
    VALIDATION,
    BundleError,
    CreditModel,
    attach_validation,
    replace_directory,
)

NAME = "encours"
DEFAULT_URI = "sqlite:///var/mlflow/mlflow.db"
PACKAGES = ("features", "models")  # what a bundle needs to be read
REQUIREMENTS = ["mlflow", "lightgbm", "numba", "pandas", "pyarrow", "pydantic", "scipy"]
FORMER = "former_champion"  # tag of a champion: the version it replaced

REPORT = "validation"  # folder of a run; tag of a version: the verdict

Gate = Callable[[str, Mapping[str, Any] | None], Sequence[str]]
"""Model version and summary of the validation of a candidate in (None: not validated), reasons
against it out; none lets it pass."""


class PromotionRefusedError(ValueError):
    """The gate gave reasons against the candidate."""


@contextmanager
def _quiet() -> Iterator[None]:
    """MLflow warns about its own use of SQLAlchemy, pandas and type hints."""
    with warnings.catch_warnings(action="ignore"):
        yield


@_quiet()
def connect() -> MlflowClient:
    """A client of the tracking server, the experiment made where it is missing."""
    uri = os.environ.get("MLFLOW_TRACKING_URI", DEFAULT_URI)
    store = None
    if uri.startswith("sqlite:///"):
        folder = Path(uri.removeprefix("sqlite:///")).resolve().parent
        folder.mkdir(parents=True, exist_ok=True)
        store = (folder / "artifacts").as_uri()
    mlflow.set_tracking_uri(uri)
    client = MlflowClient()
    if client.get_experiment_by_name(NAME) is None:
        client.create_experiment(NAME, artifact_location=store)
    mlflow.set_experiment(NAME)
    return client


@_quiet()
def log_run(
    bundle: Path,
    report: Path | None = None,
    *,
    run_name: str,
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float],
    figures: Mapping[str, Any],
    example: pd.DataFrame,
) -> str:
    """Log one run and register its bundle as the challenger; the new version.

    `report` is the folder of its validation report; `example` is a feature frame; `figures` are
    plotly figures by name.
    """
    client = connect()
    with mlflow.start_run(run_name=run_name):
        mlflow.log_params(dict(parameters))
        mlflow.log_metrics(dict(metrics))
        for name, figure in figures.items():
            mlflow.log_text(figure.to_html(), f"{name}.html")  # log_figure's needs the network
        version = _log_model(bundle, example)
    if report is not None:
        attach_report(version, report)
    client.set_registered_model_alias(NAME, "challenger", version)
    return version


@_quiet()
def attach_report(version: str, report: Path) -> None:
    """Log a validation report to the run of a registered version, in the place of an older one."""
    client = connect()
    found = client.get_model_version(NAME, version)
    run_id, summary = str(found.run_id), json.loads((report / VALIDATION).read_text())
    client.log_artifacts(run_id, str(report), REPORT)
    for verdict, count in summary["counts"].items():
        client.log_metric(run_id, f"validation_{verdict.lower()}", count)
    client.set_model_version_tag(NAME, version, REPORT, summary["verdict"])


@_quiet()
def registered(model: str) -> tuple[str, CreditModel]:
    """The version behind a version or an alias, and its bundle; KeyError where there is none."""
    version = _find(connect(), model)
    return str(version.version), CreditModel.load(_bundle_of(version))


def champion() -> tuple[str, CreditModel] | None:
    """Name and bundle of the champion; None where there is none, or this code cannot read it."""
    version = champion_version()
    if version is None:
        return None
    try:
        return f"champion {version}", registered(version)[1]
    except BundleError:
        return None


def _log_model(bundle: Path, example: pd.DataFrame) -> str:
    """The bundle and the code that reads it, without compiled files (numba caches are pickles)."""
    root, bare = Path(__file__).parents[1], shutil.ignore_patterns("__pycache__")
    with TemporaryDirectory() as folder:
        code = [shutil.copytree(root / p, Path(folder) / p, ignore=bare) for p in PACKAGES]
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(Path(__file__).with_name("served_model.py")),
            artifacts={"bundle": str(bundle)},
            code_paths=[str(package) for package in code],
            signature=signature(list(example.columns)),
            input_example=example,
            registered_model_name=NAME,
            pip_requirements=REQUIREMENTS,
        )
    return str(info.registered_model_version)


def signature(feature_names: Sequence[str]) -> ModelSignature:
    """Every feature a double, so that a missing value is NaN."""
    outputs = [("double", "default_probability"), ("double", "log_odds"), ("string", "grade")]
    return ModelSignature(
        Schema([ColSpec("double", name) for name in feature_names]),
        Schema([ColSpec(kind, name) for kind, name in outputs]),
    )


@_quiet()
def promote(model: str, gate: Gate, champion: Path) -> str:
    """Make `model` (a version or an alias) the champion and export its bundle to `champion`.

    Raises PromotionRefusedError with the reasons of the gate, and KeyError where there is no such
    model; nothing has moved then. Returns the version.
    """
    client = connect()
    version = _find(client, model)
    candidate = CreditModel.load(_bundle_of(version))
    if reasons := gate(candidate.version, _validation_of(version)):
        raise PromotionRefusedError(f"version {version.version} refused: {'; '.join(reasons)}")
    former = champion_version()
    if former not in (None, str(version.version)):
        client.set_model_version_tag(NAME, version.version, FORMER, former)
    return _crown(client, version, champion)


@_quiet()
def rollback(champion: Path) -> str:
    """Return to the champion before this one; its version. KeyError where there was none."""
    client = connect()
    current = _find(client, "champion")
    if FORMER not in current.tags:
        raise KeyError(
            f"champion {current.version} replaced no other; there is nothing to return to"
        )
    return _crown(client, _find(client, current.tags[FORMER]), champion)


@_quiet()
def champion_version() -> str | None:
    """The serving version, None before the first promotion."""
    try:
        return str(connect().get_model_version_by_alias(NAME, "champion").version)
    except MlflowException:
        return None


def _crown(client: MlflowClient, version: ModelVersion, champion: Path) -> str:
    """Export first: an alias never names a model that could not be read."""
    CreditModel.load(_bundle_of(version))
    champion.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{champion.name}-", dir=champion.parent))
    shutil.copytree(_bundle_of(version), draft, dirs_exist_ok=True)
    validation = _validation_of(version)
    if validation is not None:  # a later one than it was registered with
        attach_validation(draft, json.dumps(validation, indent=1) + "\n")
    replace_directory(draft, champion)
    client.set_registered_model_alias(NAME, "champion", version.version)
    return str(version.version)


def _find(client: MlflowClient, model: str) -> ModelVersion:
    try:
        if model.isdigit():
            return client.get_model_version(NAME, model)
        return client.get_model_version_by_alias(NAME, model)
    except MlflowException as error:
        raise KeyError(
            f"no model {model!r} in the registry; give a version or an alias "
            "(`encours train` makes a challenger)"
        ) from error


def _bundle_of(version: ModelVersion) -> Path:
    folder = mlflow.artifacts.download_artifacts(f"models:/{NAME}/{version.version}")
    return Path(folder) / "artifacts" / "bundle"


def _validation_of(version: ModelVersion) -> dict[str, Any] | None:
    """The summary of the last validation of a version, None where it was never validated."""
    if REPORT not in version.tags:
        return None
    path = mlflow.artifacts.download_artifacts(
        run_id=version.run_id, artifact_path=f"{REPORT}/{VALIDATION}"
    )
    return dict(json.loads(Path(path).read_text()))
