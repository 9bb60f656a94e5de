import json
import re
from io import StringIO
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
import pytest
from rich.console import Console

from training.validation.check import Section, at_least, holds, not_judged
from training.validation.report import page, table, write_report
from training.validation.validate import Validation

SECTIONS = {
    1: Section("Scope", (not_judged("truth", "nobody knows it"),), ("Read <this> so.",)),
    7: Section(
        "Calibration",
        (at_least("slope", 0.4, 0.8, 0.6), holds("level", True, "fine", "p ≥ 0.05")),
        (
            go.Figure(go.Bar(x=["a"], y=[1.0])),
            pd.DataFrame({"n": range(30), "defaults": 0}, index=pd.Index(range(30), name="grade")),
        ),
    ),
}
ABOUT = {
    "model_version": "abc123",
    "policy_version": "2026.1",
    "portfolio": "demo",
    "champion": None,
    "test_population": "9 rows",
    "base_rate": 0.02,
    "test_days": ["2024-01-01", "2024-12-31"],
    "validated_at": "2026-01-01T00:00:00+00:00",
}


@pytest.fixture
def validation() -> Validation:
    return Validation(SECTIONS, ABOUT)


def test_the_page_stands_alone_and_escapes_what_it_is_told(validation: Validation) -> None:
    html = page(validation)
    assert "Read &lt;this&gt; so." in html
    assert not re.search(r'<(script|link|img)[^>]+(src|href)="', html)  # nothing is fetched
    assert html.count("Plotly.newPlot") >= 1
    assert "table of 30 rows" in html
    assert html.index("What to look at first") < html.index("1 · Scope", html.index("<main"))


def test_the_json_says_what_the_page_says(validation: Validation, tmp_path: Path) -> None:
    write_report(validation, tmp_path)
    summary = json.loads((tmp_path / "validation.json").read_text())
    assert (summary["verdict"], summary["model_version"]) == ("FAIL", "abc123")
    assert summary["counts"] == {"PASS": 1, "WARN": 0, "FAIL": 1, "NONE": 1}
    assert summary["grades"]["29"] == {"n": 29, "defaults": 0}
    slope = next(check for check in summary["checks"] if check["name"] == "slope")
    assert (slope["item"], slope["number"], slope["threshold"]) == (
        7,
        0.4,
        "≥ 0.8 (FAIL unless ≥ 0.6)",
    )
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["tables"]["7 Calibration"][0][3] == {"grade": 3, "n": 3, "defaults": 0}


def test_the_screen_shows_every_check_and_the_verdict(validation: Validation) -> None:
    console = Console(width=160, record=True, file=StringIO())
    console.print(table(validation))
    text = console.export_text()
    for words in (
        "slope",
        "nobody knows it",
        "model abc123: FAIL (1 PASS, 0 WARN, 1 FAIL, 1 NONE)",
    ):
        assert words in text


def test_of_concern_is_what_does_not_pass(validation: Validation) -> None:
    console = Console(width=160, record=True, file=StringIO())
    console.print(table(validation, concerns=True))
    text = console.export_text()
    assert "slope" in text
    assert "fine" not in text
    assert "nobody knows it" not in text
