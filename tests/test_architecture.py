"""The house stands as drawn: imports run one way, names are ours alone, nothing is pickled."""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("features", "models", "training", "serving")
MAY_IMPORT = {
    "features": set(),
    "models": {"features"},
    "training": {"features", "models"},
    "serving": {"features", "models"},
}
UNSAFE = {"pickle", "cloudpickle", "joblib", "dill", "shelve", "marshal"}


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def dotted_names(path: Path) -> set[str]:
    """Every module, and every name in a module, that a file imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room: str) -> None:
    for path in modules(room):
        strangers = imported(path) & {*ROOMS, "encours"} - MAY_IMPORT[room] - {room}
        assert not strangers, f"{path.relative_to(ROOT)} imports {strangers}"


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_of_ours_is_pickled(room: str) -> None:
    for path in modules(room):
        assert not imported(path) & UNSAFE, path


@pytest.mark.parametrize("name", [*ROOMS, "notebooks", "encours"])
def test_no_installed_distribution_provides_our_names(name: str) -> None:
    assert set(packages_distributions().get(name, ())) <= {"encours"}


def test_the_service_keeps_slow_libraries_out() -> None:
    """They cost seconds and megabytes to import; a worker needs none of them."""
    slow = {"mlflow", "lightgbm", "shap", "pandas", "plotly"}
    program = f"import sys, serving.api.app; print({slow} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "set()"


def test_every_module_is_under_test() -> None:
    """By a test of its name, or as part of a family that a test of the room imports from."""
    for room in ROOMS:
        tests = list((ROOT / "tests" / room).rglob("test_*.py"))
        named = {path.name for path in tests}
        family = {path.stem.removeprefix("test_").split("_")[0] for path in tests}
        read = {name for path in tests for name in dotted_names(path)}
        for path in modules(room):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            assert (
                path.name in ("__init__.py", "commands.py", "options.py")  # tests/test_encours.py
                or "migrations" in path.parts  # tests/serving/store/test_schema.py
                or f"test_{path.name}" in named
                or path.stem.split("_")[0] in family
                or dotted in read
            ), f"no test in tests/{room} is about {dotted}"
