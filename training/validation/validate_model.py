"""Validate a model by name: a bundle directory, a registered version or an alias."""

from pathlib import Path

import pandas as pd

from models.credit_model import VALIDATION, CreditModel, attach_validation
from training import registry
from training.config import TrainingConfig
from training.validation.report import write_report
from training.validation.validate import Validation, validate


def validate_model(
    model: str,
    portfolio: Path,
    *,
    config: Path | None = None,
    out: Path,
    overrides: Path | None = None,
) -> Validation:
    """Judge `model` beside the champion, write the report to `out` and keep it with the model: in
    the run of a version, in the bundle of a directory.

    `config` is by default the one it learned with. KeyError where there is no such model.
    """
    folder, version = Path(model), None
    if folder.is_dir():
        credit_model = CreditModel.load(folder)
    else:
        version, credit_model = registry.registered(model)
    recipe = TrainingConfig.load(config) if config else _learned_with(credit_model)
    result = validate(
        credit_model,
        portfolio,
        recipe,
        champion=_other_champion(credit_model),
        overrides=None if overrides is None else read_decisions(overrides),
    )
    write_report(result, out)
    if version is None:
        attach_validation(folder, (out / VALIDATION).read_text())
    else:
        registry.attach_report(version, out)
    return result


def _learned_with(model: CreditModel) -> TrainingConfig:
    if "config" not in model.metadata:
        raise ValueError("the bundle does not say what it learned with; give --config")
    return TrainingConfig.of(model.metadata["config"], "config of the bundle")


def _other_champion(model: CreditModel) -> tuple[str, CreditModel] | None:
    """The champion, unless it is this very model."""
    champion = registry.champion()
    return None if champion is None or champion[1].version == model.version else champion


def read_decisions(path: Path) -> pd.DataFrame:
    """A table of decisions, CSV or Parquet, dates parsed."""
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, parse_dates=["as_of_date"], dtype={"buyer_id": str})
