from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from models.policy import Policy
from serving.surveillance.page import beyond, run_table, write_run_page


def shown(run) -> str:
    console = Console(width=200, file=StringIO())
    console.print(run_table(run))
    return console.file.getvalue()


def test_a_first_run_says_that_it_is_one(watched, tmp_path: Path) -> None:
    assert "first run" in shown(watched.first)
    write_run_page(watched.first, Policy.load().master_scale, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "a baseline" in page
    assert "its window must close first" in page


def test_a_run_is_told_on_the_screen_and_the_page(watched, tmp_path: Path) -> None:
    text = shown(watched.second)
    assert "grades worse, %" in text
    assert "default rate after 2024-12-31" in text
    write_run_page(watched.second, Policy.load().master_scale, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    for heading in ("Alerts", "Churn", "Drift", "Realised against predicted"):
        assert f"<h2>{heading}</h2>" in page
    assert watched.first.run_id in page


def test_features_beyond_chance_and_the_rule_of_thumb_are_named(watched) -> None:
    features = {"a": (0.3, 0.1), "b": (0.3, 0.4), "c": (0.2, 0.1)}
    told = {name: {"index": index, "bound": bound} for name, (index, bound) in features.items()}
    run = replace(watched.second, summary={"drift": {"features": told}})
    assert beyond(run.summary) == ["a"]
