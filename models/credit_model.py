"""The bundle: default model, policy and what they were learned on, as a directory of text.

booster.txt, calibration.json   the default model (models/default_model.py)
policy.toml                     the credit committee's numbers (models/policy.py)
features.json                   range seen in training of each feature, in the model's order
validation.json                 verdict and checks of its validation, where it has one
metadata.json                   versions, training window, metrics, digests of the files above
"""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from features.catalog import CATALOG, NAMES
from features.feature import Feature
from models.default_model import DefaultModel
from models.explanation import LANGUAGES, Language, Say, sayer
from models.policy import Policy

if TYPE_CHECKING:
    import pandas as pd
    import shap

FORMAT = 1
_SEALED = ("booster.txt", "calibration.json", "reference.json", "policy.toml", "features.json")
VALIDATION = "validation.json"


class BundleError(ValueError):
    """The directory is not a whole, unaltered bundle that this version can serve."""


@dataclass(frozen=True)
class CreditModel:
    """Default model and policy, together as they were validated.

    `ranges` holds (1st percentile, median, 99th percentile) of each feature over the training rows;
    `validation` the verdict and checks of the validation report, None before there is one.
    """

    default_model: DefaultModel
    policy: Policy
    ranges: Mapping[str, tuple[float, float, float]]
    metadata: Mapping[str, Any]
    validation: Mapping[str, Any] | None = None

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The model's features, in the order of its columns."""
        return self.default_model.feature_names

    @property
    def version(self) -> str:
        """Digest of booster and calibration: equal versions give equal probabilities."""
        return str(self.metadata["model_version"])

    @cached_property
    def columns(self) -> NDArray[np.int64]:
        """Where the model's features stand in a catalogue-wide feature matrix."""
        return np.array([NAMES.index(name) for name in self.feature_names])

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Catalogue entries of the model's features, in the order of its columns."""
        return tuple(CATALOG[column] for column in self.columns)

    @cached_property
    def topics(self) -> tuple[str, ...]:
        """The topic of each of the model's features."""
        return tuple(feature.topic for feature in self.features)

    @cached_property
    def sayers(self) -> Mapping[Language, tuple[Say, ...]]:
        """How each of the model's features is said, by language."""
        return {
            language: tuple(sayer(feature, language) for feature in self.features)
            for language in LANGUAGES
        }

    def score(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Log-odds, default probability and grade of each row of a feature frame.

        Raises ValueError naming the features the frame lacks.
        """
        import pandas as pd  # noqa: PLC0415 (40 MB that a worker of the service does not need)

        if missing := [name for name in self.feature_names if name not in frame.columns]:
            raise ValueError(f"the feature frame lacks {missing}; build it with build_features")
        matrix = self._matrix(frame)
        log_odds = self.default_model.log_odds(matrix)
        probability = expit(log_odds)
        scale = self.policy.master_scale
        grades = np.asarray(scale.names)[scale.grades(probability)]
        return pd.DataFrame(
            {"log_odds": log_odds, "default_probability": probability, "grade": grades},
            index=frame.index,
        )

    def drivers(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Contribution of each feature in log-odds; each row plus the base is its log-odds."""
        import pandas as pd  # noqa: PLC0415

        matrix = self._matrix(frame)
        _, contributions = self.default_model.drivers(matrix)
        return pd.DataFrame(contributions, index=frame.index, columns=list(self.feature_names))

    def explanation(self, frame: "pd.DataFrame") -> "shap.Explanation":
        """The drivers of each row as `shap` has them, for its own plots; in log-odds.

        `shap.plots.waterfall(model.explanation(frame)[0])` draws one buyer, `beeswarm` all.
        """
        import shap  # noqa: PLC0415

        matrix = self._matrix(frame)
        base, contributions = self.default_model.drivers(matrix)
        return shap.Explanation(
            contributions,
            base_values=np.full(len(matrix), base),
            data=matrix,
            feature_names=[feature.labels["en"] for feature in self.features],
        )

    def _matrix(self, frame: "pd.DataFrame") -> NDArray[np.float64]:
        return np.ascontiguousarray(frame[list(self.feature_names)], dtype=np.float64)

    def with_policy(self, policy: Policy) -> "CreditModel":
        """The same default model under other numbers of the credit committee."""
        return replace(self, policy=policy)

    def save(self, folder: Path) -> None:
        """Write the bundle; a reader sees the old directory or the new one, never half of it."""
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        self.default_model.save(draft)
        (draft / "policy.toml").write_text(self.policy.text, encoding="utf-8")
        ranges = {name: list(self.ranges[name]) for name in self.feature_names}
        (draft / "features.json").write_text(json.dumps(ranges, indent=1) + "\n")
        sealed = {name: _digest(draft / name) for name in _SEALED}
        metadata = {**self.metadata, "format": FORMAT, "sealed": sealed}
        metadata["model_version"] = _model_version(sealed)
        _write_metadata(draft, metadata)
        replace_directory(draft, folder)

    @classmethod
    def load(cls, folder: Path) -> "CreditModel":
        """Read a bundle. Raises BundleError naming the file and the remedy."""
        metadata = _read_metadata(folder)
        for name, digest in metadata["sealed"].items():
            if not (folder / name).is_file() or _digest(folder / name) != digest:
                raise BundleError(
                    f"{folder / name} is missing or altered; export the bundle again "
                    "(`encours promote`)"
                )
        ranges = json.loads((folder / "features.json").read_text())
        if strangers := sorted(set(ranges) - set(NAMES)):
            raise BundleError(f"{folder} uses features this version lacks: {strangers}; retrain")
        return cls(
            DefaultModel.load(folder),
            Policy.load(folder / "policy.toml"),
            {name: tuple(values) for name, values in ranges.items()},
            metadata,
            json.loads((folder / VALIDATION).read_text())
            if VALIDATION in metadata["sealed"]
            else None,
        )


def attach_validation(folder: Path, summary: str) -> None:
    """Put the summary of a validation, JSON text, into a bundle and under its seal; the model's
    version stays."""
    draft = Path(mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    shutil.copytree(folder, draft, dirs_exist_ok=True)
    (draft / VALIDATION).write_text(summary)
    metadata = _read_metadata(draft)
    metadata["sealed"] = {**metadata["sealed"], VALIDATION: _digest(draft / VALIDATION)}
    _write_metadata(draft, metadata)
    replace_directory(draft, folder)


def _read_metadata(folder: Path) -> dict[str, Any]:
    try:
        metadata = json.loads((folder / "metadata.json").read_text())
    except (OSError, ValueError) as error:
        raise BundleError(
            f"no readable bundle in {folder}: metadata.json: {error} "
            "(make one with `encours train … --out DIR` or `encours promote`)"
        ) from error
    if metadata.get("format") != FORMAT:
        raise BundleError(f"{folder} has bundle format {metadata.get('format')}, not {FORMAT}")
    return dict(metadata)


def _write_metadata(folder: Path, metadata: Mapping[str, Any]) -> None:
    text = json.dumps(metadata, indent=1, sort_keys=True)
    (folder / "metadata.json").write_text(f"{text}\n")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _model_version(sealed: Mapping[str, str]) -> str:
    return hashlib.sha256(
        (sealed["booster.txt"] + sealed["calibration.json"]).encode()
    ).hexdigest()[:12]


def replace_directory(draft: Path, target: Path) -> None:
    """Put `draft` in the place of `target` by renames within one folder."""
    draft.chmod(0o755)
    if target.exists():
        old = draft.with_name(draft.name + "-old")
        target.rename(old)
        draft.rename(target)
        shutil.rmtree(old)
    else:
        draft.rename(target)
