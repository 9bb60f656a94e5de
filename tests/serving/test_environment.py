import re
from pathlib import Path

import pytest

from serving.environment import ROOT, VARIABLES, setting, store_address, variables_table

READ = re.compile(r"\bENCOURS_[A-Z_]+\b")


def test_a_variable_has_a_default_that_an_empty_one_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENCOURS_WORKERS", raising=False)
    assert setting("ENCOURS_WORKERS") == VARIABLES["ENCOURS_WORKERS"].default
    monkeypatch.setenv("ENCOURS_WORKERS", "")
    assert setting("ENCOURS_WORKERS") == "2"
    monkeypatch.setenv("ENCOURS_WORKERS", "4")
    assert setting("ENCOURS_WORKERS") == "4"
    with pytest.raises(KeyError):
        setting("ENCOURS_TYPO")


def test_every_variable_that_is_read_is_documented_and_no_other() -> None:
    rooms = ("features", "models", "training", "serving", "notebooks", "tests")
    files = [path for room in rooms for path in (ROOT / room).rglob("*") if readable(path)]
    files.remove(ROOT / "serving" / "environment.py")
    read = {name for path in files for name in READ.findall(path.read_text())}
    assert read - {"ENCOURS_TYPO"} == {name for name in VARIABLES if name.startswith("ENCOURS_")}


def readable(path: Path) -> bool:
    return path.suffix in (".py", ".ipynb") and path.is_file()


def test_the_deployment_page_shows_the_table_as_the_code_has_it() -> None:
    page = (ROOT / "serving" / "DEPLOY.md").read_text()
    assert variables_table() in page, "paste `variables_table()` into serving/DEPLOY.md"
    assert str(ROOT) not in page


def test_a_relative_store_counts_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ENCOURS_STORE", "sqlite:///var/store.db")
    assert store_address() == f"sqlite:///{tmp_path}/var/store.db"
    for absolute in ("sqlite:////srv/store.db", "postgresql+psycopg://me@here/x"):
        monkeypatch.setenv("ENCOURS_STORE", absolute)
        assert store_address() == absolute
