"""Train: raw tables in, a measured and registered bundle out. What `encours train` calls."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.facts import Facts
from features.progress import bars
from features.tables import read_tables
from models.credit_model import VALIDATION, CreditModel, attach_validation
from models.default_model import DefaultModel
from models.policy import Policy
from training import registry
from training.calibrated_fit import boosters, fit_calibrated
from training.config import TrainingConfig
from training.fit import check_central_tendency, level_shift
from training.metrics import headline
from training.plots import calibration_figure, roc_figure
from training.provenance import code_version, data_digest
from training.sample import Sample, assemble
from training.validation.report import write_report
from training.validation.validate import Validation, validate

EXAMPLE_ROWS = 5


@dataclass(frozen=True)
class TrainingResult:
    """The model, its metrics on the test slice, rows and defaults by slice and what was left out;
    `test` holds default and default_probability by (buyer_id, as_of_date); `version` is the one in
    the registry and `validation` its report, None where it was not registered."""

    model: CreditModel
    metrics: dict[str, float]
    counts: dict[str, int]
    test: pd.DataFrame
    version: str | None
    validation: Validation | None


def train(
    portfolio: Path,
    config: TrainingConfig,
    *,
    out: Path | None = None,
    register: bool = True,
    central_tendency: float | None = None,
) -> TrainingResult:
    """Learn a credit model from the tables in `portfolio`, measure it out of time, keep it.

    `out` receives the bundle and metrics.json; `register` validates the model, logs the run in
    MLflow with its report and makes the model the challenger. `central_tendency` shifts the
    log-odds so that the mean probability of the calibration slice is that long-run default rate;
    ranks stay. ValueError, before anything is read, where it is no rate.
    """
    if central_tendency is not None:
        check_central_tendency(central_tendency)
    with bars() as progress:
        task = progress.add_task("reading tables", total=5)
        facts = Facts.of(read_tables(portfolio), config.currency)
        progress.update(task, advance=1, description="building cohort, labels and features")
        sample = assemble(facts, config)
        progress.update(task, advance=1, description="growing trees")
        trees = config.fit.max_trees * boosters(config.fit)  # at the most
        default_model = learn(
            sample, config, central_tendency, lambda _: progress.advance(task, 1 / trees)
        )
        progress.update(task, completed=3, description="measuring out of time")
        test = evaluate(default_model, sample)
        metrics = headline(*_columns(test))
        model = CreditModel(
            default_model,
            Policy.load().revise({"currency": config.currency}),
            _ranges(sample),
            _metadata(portfolio, config, sample, metrics, central_tendency),
        )
        progress.update(task, advance=2, description="trained")
    with TemporaryDirectory() as folder:
        bundle = Path(folder) / "bundle"  # the registry finds it by this name
        model.save(bundle)
        (bundle / "metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")
        validation = version = None
        if register:
            report = Path(folder) / "validation"
            validation = _validate(bundle, portfolio, config, sample, report)
            version = _register(bundle, report, sample, test, metrics)
        if out is not None:
            shutil.copytree(bundle, out, dirs_exist_ok=True)
        model = CreditModel.load(bundle)
    return TrainingResult(model, metrics, sample.counts, test, version, validation)


def _validate(
    bundle: Path, portfolio: Path, config: TrainingConfig, sample: Sample, report: Path
) -> Validation:
    """Validate a bundle beside the champion, write the report and seal its summary in."""
    champion = registry.champion()
    validation = validate(
        CreditModel.load(bundle), portfolio, config, champion=champion, sample=sample
    )
    write_report(validation, report)
    attach_validation(bundle, (report / VALIDATION).read_text())
    return validation


def learn(
    sample: Sample,
    config: TrainingConfig,
    central_tendency: float | None = None,
    on_tree: Callable[[Any], None] = lambda _: None,
) -> DefaultModel:
    """Booster from the training slice, calibration line from the calibration slice; with `refit`
    the booster learns from both."""
    train, later = (np.flatnonzero(rows) for rows in (sample.slices.train, sample.slices.calibrate))
    found = fit_calibrated(
        sample.matrix,
        sample.default,
        sample.place,
        train,
        later,
        features=sample.features,
        settings=config.fit,
        on_tree=on_tree,
    )
    (slope, intercept), shift = found.line, found.learned.prior_shift
    if central_tendency is not None:
        intercept += level_shift(slope * found.told + intercept, central_tendency)
    return DefaultModel.from_booster(found.learned.booster, slope, intercept + slope * shift)


def evaluate(model: DefaultModel, sample: Sample) -> pd.DataFrame:
    """Default and default_probability of the test slice, by (buyer_id, as_of_date)."""
    rows = sample.slices.test
    frame = sample.frame(rows)
    columns = {
        "default": sample.default[rows],
        "default_probability": model.default_probability(sample.matrix[rows]),
    }
    return pd.DataFrame(columns, index=frame.index)


def _columns(test: pd.DataFrame) -> tuple[NDArray, NDArray]:
    return test["default"].to_numpy(), test["default_probability"].to_numpy()


def _ranges(sample: Sample) -> dict[str, tuple[float, float, float]]:
    quantiles = np.nanpercentile(sample.matrix[sample.slices.train], [1, 50, 99], axis=0)
    return {name: tuple(quantiles[:, i]) for i, name in enumerate(sample.names)}


def _metadata(
    portfolio: Path,
    config: TrainingConfig,
    sample: Sample,
    metrics: Mapping[str, float],
    central_tendency: float | None,
) -> dict[str, Any]:
    return {
        "portfolio": portfolio.name,
        "data_digest": data_digest(portfolio),
        "code_version": code_version(),
        "config": json.loads(json.dumps(asdict(config), default=str)),
        "central_tendency": central_tendency,
        "counts": sample.counts,
        "metrics": dict(metrics),
    }


def _register(
    bundle: Path,
    report: Path,
    sample: Sample,
    test: pd.DataFrame,
    metrics: Mapping[str, float],
) -> str:
    model = CreditModel.load(bundle)
    return registry.log_run(
        bundle,
        report,
        run_name=f"{model.metadata['portfolio']}-{model.version}",
        parameters=_flat(model.metadata["config"])
        | {key: model.metadata[key] for key in ("data_digest", "code_version", "central_tendency")},
        metrics={**metrics, **{f"count_{name}": n for name, n in sample.counts.items()}},
        figures={
            "roc": roc_figure(*_columns(test)),
            "calibration": calibration_figure(*_columns(test)),
        },
        example=sample.frame(sample.slices.test).head(EXAMPLE_ROWS).reset_index(drop=True),
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in values.items():
        flat |= (
            _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
        )
    return flat
