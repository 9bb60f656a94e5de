"""A section of the report: its checks, then what shows them, each with a sentence on reading it."""

from dataclasses import dataclass
from typing import TypeAlias

import pandas as pd
import plotly.graph_objects as go

from training.validation.check import Check, Verdict, gravest

Part: TypeAlias = str | pd.DataFrame | go.Figure


@dataclass(frozen=True)
class Section:
    """`title` names one item of the contents; `parts` come in the order in which they are read."""

    title: str
    checks: tuple[Check, ...]
    parts: tuple[Part, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The gravest of its checks."""
        return gravest([check.verdict for check in self.checks])
