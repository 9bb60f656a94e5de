"""A section of the report: its checks, then what shows them, each with a sentence on reading it."""

from dataclasses import dataclass

from models.page import Part
from training.validation.check import Check, Verdict, gravest


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
