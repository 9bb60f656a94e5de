"""Training configuration: one TOML file, read into frozen dataclasses, unknown keys refused."""

import dataclasses
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from features.catalog import NAMES
from features.feature import TOPICS
from features.ledgers.mapping import nearest
from models.label import LabelRule
from models.toml_text import toml_text

Count = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(gt=0, le=1)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
CurrencyCode = Annotated[str, Field(pattern="^[A-Z]{3}$")]  # ISO 4217


@dataclass(frozen=True)
class CohortRule:
    """Which (buyer, as_of_date) pairs are learned from.

    `after_publication`: the day each statement became known. `grid`: every `every_months` from
    `first` to `last`, buyers of whom something became known in the `active_days` before.
    """

    rule: Literal["after_publication", "grid"]
    first: date = date.min
    last: date = date.max
    every_months: Count = 3
    active_days: Count = 365

    def __post_init__(self) -> None:
        if self.rule == "grid" and date.min < self.first <= self.last < date.max:
            return
        if self.rule == "grid":
            raise ValueError("a grid needs `first` and `last`, in this order")


@dataclass(frozen=True)
class SplitRule:
    """Last as_of_date of each slice; the next one starts an embargo of one horizon later.

    `buyer_shares` (train, calibrate, test), when given, also keeps the buyers of the slices apart.
    """

    train_until: date
    calibrate_until: date
    test_until: date
    buyer_shares: tuple[float, float, float] | None = None

    def __post_init__(self) -> None:
        if not self.train_until < self.calibrate_until < self.test_until:
            raise ValueError("train_until, calibrate_until and test_until must be in this order")
        if self.buyer_shares is None:
            return
        if min(self.buyer_shares) <= 0 or abs(sum(self.buyer_shares) - 1) > 1e-9:
            raise ValueError(f"buyer_shares {self.buyer_shares} must be above 0 and sum to 1")


@dataclass(frozen=True)
class FitSettings:
    """LightGBM's parameters under its own names, and how early stopping looks for the trees.

    The number of trees is chosen by `folds`-fold cross-validation over the buyers of the training
    slice; `majority_share` keeps that share of the non-defaults, and the prior is corrected for it.
    The model is the mean of `bags` boosters that differ in their seeds. With `refit` it learns from
    the calibration slice too, and takes its level there from buyers held out.
    """

    seed: Annotated[int, Field(ge=0)] = 7
    num_threads: Count = 1
    max_trees: Count = 1000
    early_stopping_rounds: Count = 50
    folds: Annotated[int, Field(ge=0)] = 5
    bags: Count = 1
    refit: bool = False
    majority_share: Share = 1.0
    monotone: bool = True
    learning_rate: Share = 0.05
    num_leaves: Annotated[int, Field(ge=2)] = 15
    min_data_in_leaf: Count = 50
    min_sum_hessian_in_leaf: NotNegative = 1e-3
    feature_fraction: Share = 0.5
    bagging_fraction: Share = 0.8
    lambda_l2: NotNegative = 1.0

    def __post_init__(self) -> None:
        if self.folds == 1:
            raise ValueError(
                "folds = 1 holds nothing out; give 0 (max_trees as it is) or 2 or more"
            )


@dataclass(frozen=True)
class TrainingConfig:
    """Everything a training run depends on, beside the portfolio.

    The model may read the features of `topics` (empty: all), but for those in `leave_out`.
    """

    cohort: CohortRule
    label: LabelRule
    split: SplitRule
    fit: FitSettings = field(default_factory=FitSettings)
    currency: CurrencyCode = "EUR"
    topics: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for topic in self.topics:
            _refuse_unknown(topic, TOPICS, "topic")
        for name in self.leave_out:
            _refuse_unknown(name, NAMES, "feature")

    def to_toml(self) -> str:
        """The configuration as TOML, without what is left at its default."""
        return toml_text(_stated(self))

    @classmethod
    def load(cls, path: Path) -> "TrainingConfig":
        """Read `path`; ValueError names the key, its value and what was expected."""
        try:
            values = tomllib.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:  # no TOML, or no UTF-8
            raise ValueError(f"{path} cannot be read as TOML: {error}") from error
        return cls.of(values, str(path))

    @classmethod
    def of(cls, values: Mapping[str, Any], origin: str = "config") -> "TrainingConfig":
        """The configuration written in `values`, nested as in the TOML file."""
        try:
            _check_keys(cls, values)
            return TypeAdapter(cls).validate_python(values)
        except ValidationError as error:
            problems = "; ".join(_problem(dict(found)) for found in error.errors())
            raise ValueError(f"{origin}: {problems}") from error
        except ValueError as error:
            raise ValueError(f"{origin}: {error}") from error


def _stated(config: Any) -> dict[str, Any]:
    """The fields that differ from their default, tables within tables."""
    found = {}
    for given in dataclasses.fields(config):
        value = getattr(config, given.name)
        if dataclasses.is_dataclass(value):
            found[given.name] = _stated(value)
        elif value != given.default:
            found[given.name] = value
    return found


def _check_keys(kind: type, values: Mapping[str, Any], table: str = "") -> None:
    fields = {f.name: f.type for f in dataclasses.fields(kind)}
    for key, value in values.items():
        _refuse_unknown(key, fields, f"key in [{table}]" if table else "key")
        if dataclasses.is_dataclass(fields[key]) and isinstance(value, Mapping):
            _check_keys(fields[key], value, key)  # type: ignore[arg-type]


def _refuse_unknown(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise ValueError(f"unknown {what} {name!r}; {nearest(name, known)}")


def _problem(found: dict[str, Any]) -> str:
    """One error of pydantic's: field, value and what was expected. Our own rules name the value."""
    place = ".".join(str(part) for part in found["loc"])
    if found["type"] == "value_error":
        return ": ".join(filter(None, (place, str(found["ctx"]["error"]))))
    return f"{place} = {found['input']!r}: {found['msg']}"
