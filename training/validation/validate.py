"""Validate: every section in its order, on one case, to a verdict that the gate reads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from features.progress import bars
from models.credit_model import CreditModel
from training.config import TrainingConfig
from training.provenance import data_digest
from training.sample import Sample
from training.validation import (
    ablation,
    calibration,
    discrimination,
    drift,
    explanation,
    fairness,
    leaks,
    limits,
    lineage,
    monitoring,
    monotonicity,
    overfitting,
    overrides,
    parameters,
    parity,
    reproducibility,
    scale,
    scope,
    segments,
    sensitivity,
    slices,
    stress,
    truth,
)
from training.validation.case import Case
from training.validation.check import Section, Verdict, gravest

CONTENTS: tuple[ModuleType, ...] = (
    scope, lineage, leaks, slices, discrimination, segments, calibration, scale, drift,
    overfitting, parameters, monotonicity, explanation, sensitivity, limits, stress, overrides,
    ablation, fairness, parity, monitoring, reproducibility, truth,
)  # fmt: skip


@dataclass(frozen=True)
class Validation:
    """The sections by their number in the contents, and what they are about."""

    sections: Mapping[int, Section]
    about: Mapping[str, Any]

    @property
    def verdict(self) -> Verdict:
        """The gravest of all checks."""
        return gravest([section.verdict for section in self.sections.values()])

    @property
    def counts(self) -> dict[str, int]:
        """Checks by verdict."""
        found = [c.verdict for section in self.sections.values() for c in section.checks]
        return {verdict: found.count(verdict) for verdict in ("PASS", "WARN", "FAIL", "NONE")}

    def summary(self) -> dict[str, Any]:
        """What stands in the bundle and what the gate reads: verdict, checks, and what was observed
        of each grade."""
        checks = [
            {"item": number, "section": section.title, **vars(check)}
            for number, section in self.sections.items()
            for check in section.checks
        ]
        return {
            "verdict": self.verdict,
            "counts": self.counts,
            **self.about,
            "grades": self.grades,
            "checks": checks,
        }

    @property
    def grades(self) -> dict[str, dict[str, int]]:
        """Rows and defaults of each grade, on rows whose horizons do not overlap."""
        parts = [part for section in self.sections.values() for part in section.parts]
        tables = [part for part in parts if isinstance(part, pd.DataFrame)]
        found = [part for part in tables if part.index.name == "grade" and "defaults" in part]
        return {
            str(grade): {"n": int(row["n"]), "defaults": int(row["defaults"])}
            for grade, row in (found[0].iterrows() if found else ())
        }

    def report(self) -> dict[str, Any]:
        """The summary, and every table of the report."""
        tables = {
            f"{number} {section.title}": [
                json.loads(part.reset_index().to_json(orient="records"))
                for part in section.parts
                if isinstance(part, pd.DataFrame)
            ]
            for number, section in self.sections.items()
        }
        return {**self.summary(), "tables": tables}


def validate(
    model: CreditModel,
    portfolio: Path,
    config: TrainingConfig,
    *,
    champion: tuple[str, CreditModel] | None = None,
    overrides: pd.DataFrame | None = None,
    sample: Sample | None = None,
) -> Validation:
    """Judge `model` on the test slice of `config` in `portfolio`.

    `champion` is the model it would replace, by name; `overrides` as training.validation.overrides
    asks; `sample` may be given where it was assembled before. ValueError where the model could have
    learned from the test slice.
    """
    with bars() as progress:
        task = progress.add_task("validating: reading", total=len(CONTENTS) + 1)
        case = Case.of(
            model, portfolio, config, champion=champion, overrides=overrides, sample=sample
        )
        sections: dict[int, Section] = {}
        for number, module in enumerate(CONTENTS, start=1):
            name = module.__name__.rsplit(".", 1)[-1]
            progress.update(task, advance=1, description=f"validating: {name}")
            section = module.section(case)
            if section is not None:
                sections[number] = section
        progress.update(task, advance=1, description="validated")
    return Validation(sections, _about(case))


def _about(case: Case) -> dict[str, Any]:
    test, last = case.test, int(case.test.keys.as_of.max())
    return {
        "model_version": case.model.version,
        "policy_version": case.model.policy.version,
        "policy_digest": case.model.policy.digest,
        "portfolio": case.portfolio.name,
        "data_digest": data_digest(case.portfolio),
        "champion": case.champion[0] if case.champion else None,
        "test_population": test.population,
        "test_days": [str(np.datetime64(int(day), "D")) for day in (test.keys.as_of.min(), last)],
        "base_rate": float(test.default.mean()),
        "validated_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
