"""The code has a version that changes with whatever can change an answer."""

from pathlib import Path

import pytest

from serving import code_version as versions


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("features/a.py", "models/limits/b.py", "serving/conclude.py", "serving/other.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    monkeypatch.setattr(versions, "ROOT", tmp_path)
    return tmp_path


def version() -> str:
    return versions.code_version.__wrapped__()


def test_what_answers_counts_and_nothing_else(root: Path) -> None:
    first = version()
    (root / "serving" / "other.py").write_text("a page")
    assert version() == first
    for name in ("features/a.py", "models/limits/b.py", "serving/conclude.py"):
        before = version()
        (root / name).write_text("changed")
        assert version() != before


def test_every_part_that_answers_is_there() -> None:
    for pattern in versions.ANSWERING:
        assert list(versions.ROOT.glob(pattern)), pattern
