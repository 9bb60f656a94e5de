"""A check: one claim about the model, its number, its threshold, and the verdict. A section of the
report: its checks, then what shows them, each with a sentence on reading it."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from models.page import Part
from models.statistics.jeffreys import Interval

Verdict = Literal["PASS", "WARN", "FAIL", "NONE"]
GRAVEST: tuple[Verdict, ...] = ("FAIL", "WARN", "PASS", "NONE")


@dataclass(frozen=True)
class Check:
    """`value` is the number in words, with its population; `number` the same for machines.

    NONE: it could not be judged here, and `value` says why. It neither passes nor blocks.
    """

    name: str
    verdict: Verdict
    value: str
    threshold: str
    number: float | None = None


def at_least(
    name: str, number: float, warn: float, fail: float | None = None, value: str = ""
) -> Check:
    """Warns below `warn`, fails below `fail`; a number that is not known warns.

    >>> at_least("AUC", 0.55, warn=0.7, fail=0.6).verdict
    'FAIL'
    """
    return _judged(
        name, number, number >= warn, fail is None or number >= fail, "≥", warn, fail, value
    )


def at_most(
    name: str, number: float, warn: float, fail: float | None = None, value: str = ""
) -> Check:
    """Warns above `warn`, fails above `fail`; a number that is not known warns.

    >>> at_most("gap", 0.0, warn=0.0, fail=0.0).verdict
    'PASS'
    """
    return _judged(
        name, number, number <= warn, fail is None or number <= fail, "≤", warn, fail, value
    )


def holds(name: str, held: bool, value: str, threshold: str, otherwise: Verdict = "FAIL") -> Check:
    """Passes where `held`, else `otherwise`."""
    return Check(name, "PASS" if held else otherwise, value, threshold)


def not_judged(name: str, why: str) -> Check:
    """A check that could not be made."""
    return Check(name, "NONE", why, "")


def gravest(verdicts: ArrayLike) -> Verdict:
    """The worst of some verdicts; NONE where nothing was judged.

    >>> gravest(["PASS", "WARN", "NONE"])
    'WARN'
    """
    found = set(np.atleast_1d(verdicts).tolist())
    return next((verdict for verdict in GRAVEST if verdict in found), "NONE")


def _judged(
    name: str,
    number: float,
    good: bool,
    bearable: bool,
    sign: str,
    warn: float,
    fail: float | None,
    value: str,
) -> Check:
    known = not np.isnan(number)
    verdict: Verdict = "PASS" if good else "FAIL" if known and not bearable else "WARN"
    threshold = f"{sign} {warn:g}"
    if fail is not None and fail != warn:
        threshold += f" (FAIL unless {sign} {fail:g})"
    return Check(name, verdict, value or f"{number:.4g}", threshold, float(number))


def shown(interval: Interval, digits: int = 3, sign: str = "") -> str:
    """An estimate with its interval in words; `sign` is "+" where it is a difference.

    >>> shown(Interval(0.9, 0.88, 0.92)), shown(Interval(0.01, -0.02, 0.04), 2, "+")
    ('0.900 [0.880, 0.920]', '+0.01 [-0.02, +0.04]')
    """
    value, low, high = (f"{part:{sign}.{digits}f}" for part in interval)
    return f"{value} [{low}, {high}]"


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
