"""A mistyped variable is told, with the one that is meant; so is a value that cannot be read."""

import pytest

from serving.doctor.variables import OURS, check_variables


def test_a_mistyped_variable_is_told_with_the_one_that_is_meant() -> None:
    (finding,) = check_variables({OURS + "STOER": "x", "HOME": "/root"})
    assert finding.level == "warning"
    assert "STOER" in finding.says
    assert finding.remedy == "perhaps ENCOURS_STORE is meant"
    (far,) = check_variables({OURS + "ZZZZZZZZZZZZZZZZZ": "x"})
    assert "DEPLOY.md" in far.remedy


@pytest.mark.parametrize("workers", ["many", "0", "-1"])
def test_workers_are_a_number(workers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENCOURS_WORKERS", workers)
    (finding,) = check_variables({"ENCOURS_WORKERS": workers})
    assert finding.level == "error"
    assert workers in finding.says


def test_a_sound_environment_is_told_so() -> None:
    (finding,) = check_variables({"ENCOURS_STORE": "sqlite:///x.db"})
    assert finding.level == "ok"
