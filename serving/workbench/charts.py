"""Charts as coordinates: `templates/charts.html` draws them as inline SVG in the page's colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

import numpy as np

WIDTH, HEIGHT = 1000.0, 100.0  # in a chart's own units; the page stretches it
LEAST = 3.0  # a bar this wide can still be seen
MARGIN = 10.0  # around a line, so that its points are whole


@dataclass(frozen=True)
class Bar:
    """One bar from `left`, `width` wide; `end` is where the next step of a waterfall begins."""

    left: float
    width: float
    end: float


def waterfall(start: float, steps: Sequence[float], *, from_zero: bool = False) -> list[Bar]:
    """One bar a step, each beginning where the one before ended; amounts are seen `from_zero`.

    >>> waterfall(2.0, [-1.0, 3.0], from_zero=True)
    [Bar(left=250.0, width=250.0, end=250.0), Bar(left=250.0, width=750.0, end=1000.0)]
    """
    levels = np.cumsum([start, *steps])
    zero = [0.0] if from_zero else []
    low, high = min(*levels, *zero), max(*levels, *zero)
    at = (levels - low) / ((high - low) or 1.0) * WIDTH
    return [
        Bar(float(min(begin, end)), max(float(abs(end - begin)), LEAST), float(end))
        for begin, end in pairwise(at)
    ]


def share(value: float, largest: float) -> Bar:
    """A bar from zero: `value` of `largest`, full beyond it."""
    width = WIDTH * min(max(value, 0.0) / largest, 1.0) if largest > 0 else 0.0
    return Bar(0.0, max(width, LEAST), width)


@dataclass(frozen=True)
class Point:
    """One point of a line: where it stands, its value in words, and its read-out."""

    x: float
    y: float
    text: str
    says: str


@dataclass(frozen=True)
class Line:
    """A line through the known points, from the `first` to the `last` label; `says` it in words."""

    points: list[Point]
    first: str
    last: str
    says: str

    @property
    def path(self) -> str:
        """The points as SVG wants them."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)

    @property
    def area(self) -> str:
        """The surface below the line."""
        ends = self.points[0].x, self.points[-1].x
        return f"{ends[0]:.1f},{HEIGHT:.0f} {self.path} {ends[1]:.1f},{HEIGHT:.0f}"


def line(
    what: str,
    values: Sequence[float],
    labels: Sequence[str],
    texts: Sequence[str],
    notes: Sequence[str] = (),
) -> Line:
    """`values` over equal steps of time, from zero up; NaN is left out. `notes` are told, too."""
    highest = max((value for value in values if isfinite(value)), default=0.0) or 1.0
    gap = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    scale = (HEIGHT - 2 * MARGIN) / highest
    said = [", ".join(one) for one in zip(texts, *([notes] if notes else []), strict=True)]
    told = [f"{label}: {text}" for label, text in zip(labels, said, strict=True)]
    points = [
        Point(MARGIN + gap * i, HEIGHT - MARGIN - scale * max(value, 0.0), text, told[i])
        for i, (value, text) in enumerate(zip(values, texts, strict=True))
        if isfinite(value)
    ]
    return Line(points, labels[0], labels[-1], f"{what}. {'; '.join(told)}")
