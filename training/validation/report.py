"""The report: one HTML file that needs no network, one JSON beside it, one table for the screen."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from plotly.offline import get_plotlyjs
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table

from models.credit_model import VALIDATION
from training.validation.check import Check, Part, Section
from training.validation.validate import Validation

COLOURS = {"PASS": "green", "WARN": "yellow", "FAIL": "red", "NONE": "dim"}
MEANINGS = {
    "PASS": "within the threshold",
    "WARN": "for a person to judge",
    "FAIL": "blocks promotion",
    "NONE": "could not be judged here",
}
HEADLINE = (
    ("AUC out of time", "AUC, 95 % interval"),
    ("slope", "calibration slope, intercept"),
    ("level not too low", "level"),
    ("reasons after re-training", "reasons that re-training keeps"),
)
LONG_TABLE, LONG_TEXT = 16, 40
LAYOUT = {
    "template": "plotly_white",
    "font": {"family": "Inter, Segoe UI, sans-serif", "size": 12.5, "color": "#17202c"},
    "colorway": ["#1d4ed8", "#d98a1f", "#0f7a55", "#8a4bd0", "#b42318", "#3b8ea5", "#55616f"],
    "margin": {"t": 52, "r": 24, "b": 96, "l": 64},
    "legend": {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "x": 0},
    "title": {"x": 0, "xanchor": "left", "xref": "container", "pad": {"l": 8}},
}


def write_report(validation: Validation, folder: Path) -> None:
    """Write report.html, report.json and validation.json (the summary) to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.html").write_text(page(validation), encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(validation.report(), indent=1) + "\n")
    (folder / VALIDATION).write_text(json.dumps(validation.summary(), indent=1) + "\n")


def page(validation: Validation) -> str:
    """The report as HTML: the summary, what to look at first, then every section."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    sections = validation.sections
    checks = [check for section in sections.values() for check in section.checks]
    return environment.get_template("report.html").render(
        about=validation.about,
        verdict=validation.verdict,
        counts=validation.counts,
        meanings=MEANINGS,
        headline=list(_headline(checks)),
        concerns=[c for verdict in ("FAIL", "WARN") for c in checks if c.verdict == verdict],
        sections=sections,
        parts={number: list(_parts(section)) for number, section in sections.items()},
        plotly=get_plotlyjs(),
    )


def table(validation: Validation, *, concerns: bool = False) -> RenderableType:
    """Every check for the screen, or only what is of concern; counts and verdict last."""
    listing = Table("", "check", "number", "threshold", box=None, pad_edge=False)
    listing.columns[1].min_width = 24
    for number, section in validation.sections.items():
        shown = [c for c in section.checks if not concerns or c.verdict in ("FAIL", "WARN")]
        if shown:
            listing.add_row("", f"[bold]{number} {section.title}[/bold]", "", "")
        for check in shown:
            told = (escape(text) for text in (check.name, check.value, check.threshold))
            listing.add_row(_verdict(check.verdict), *told)
    counted = ", ".join(f"{n} {verdict}" for verdict, n in validation.counts.items())
    model = validation.about["model_version"]
    return Group(listing, "", f"model {model}: {_verdict(validation.verdict)} ({counted})")


def _verdict(verdict: str) -> str:
    return f"[{COLOURS[verdict]}]{verdict}[/]"


def _headline(checks: list[Check]) -> Iterator[tuple[str, str]]:
    """The first words of a few checks, as large figures."""
    by_name = {check.name: check for check in checks}
    for name, label in HEADLINE:
        if name in by_name:
            yield label, by_name[name].value.split(";")[0].split(", judged")[0].split(" (")[0]


def _parts(section: Section) -> Iterator[tuple[str, str]]:
    for part in section.parts:
        yield ("text", part) if isinstance(part, str) else ("html", _html(part))


def _html(part: Part) -> str:
    if isinstance(part, go.Figure):
        height = part.layout.height or 400
        figure = go.Figure(part).update_layout(LAYOUT, height=height, overwrite=False)
        return figure.to_html(
            full_html=False, include_plotlyjs=False, config={"displaylogo": False}
        )
    assert isinstance(part, pd.DataFrame)
    words = part.map(lambda cell: isinstance(cell, str) and len(cell) > LONG_TEXT).any(axis=None)
    cells = part.reset_index() if part.index.names != [None] else part
    html = cells.to_html(
        border=0,
        index=False,
        na_rep="–",
        float_format=_number,
        classes="frame words" if words else "frame",
    )
    if len(part) > LONG_TABLE:
        html = f"<details><summary>table of {len(part)} rows</summary>{html}</details>"
    return f'<div class="scroll">{html}</div>'


def _number(value: float) -> str:
    """Four digits; p-values and other small numbers keep their size.

    >>> _number(0.000012), _number(0.12345), _number(12345.6)
    ('1.2e-05', '0.1235', '12,346')
    """
    if value and abs(value) < 1e-3:
        return f"{value:.2g}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
