"""The command line teaches, and meets mistakes with what to mend."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from encours import app

ROOT = Path(__file__).parents[1]


def verbs(command: typer.core.TyperGroup, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every verb, those of sub-commands too."""
    found = []
    for name, child in command.commands.items():
        inner = getattr(child, "commands", None)
        found += verbs(child, (*path, name)) if inner else [(*path, name)]
    return found


@pytest.mark.parametrize("verb", verbs(typer.main.get_command(app)), ids=" ".join)
def test_every_verb_says_what_it_does_with_an_example(verb: tuple[str, ...]) -> None:
    shown = CliRunner().invoke(app, [*verb, "--help"])
    assert shown.exit_code == 0
    assert "Example" in shown.output
    assert "encours " + " ".join(verb) in " ".join(shown.output.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["score", "nowhere", "--as-of", "2025-06-30", "--model", "nowhere"], "encours train"),
        (["import", "no-such-mapping", ".", "--out", "nowhere"], "no-such-mapping"),
        (["import", "sage", "sqlite:///nowhere.db", "--out", "nowhere"], "[invoices] give `query`"),
        (["train", "nowhere", "--config", "training/demo.toml"], "encours generate"),
    ],
)
def test_a_mistake_is_met_with_the_remedy_and_no_stack_trace(arguments, said) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "encours", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
