import pytest

from serving.environment import VARIABLES, setting


def test_a_variable_has_a_default_that_an_empty_one_keeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ENCOURS_WORKERS", raising=False)
    assert setting("ENCOURS_WORKERS") == VARIABLES["ENCOURS_WORKERS"].default
    monkeypatch.setenv("ENCOURS_WORKERS", "")
    assert setting("ENCOURS_WORKERS") == "2"
    monkeypatch.setenv("ENCOURS_WORKERS", "4")
    assert setting("ENCOURS_WORKERS") == "4"
    with pytest.raises(KeyError):
        setting("ENCOURS_TYPO")
