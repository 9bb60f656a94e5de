import pytest

from training.gate import gate

CHECK = {"item": 7, "name": "slope", "value": "slope 0.30", "threshold": "0.8 to 1.25"}


def told(verdict: str, version: str = "abc") -> dict:
    return {"model_version": version, "checks": [CHECK | {"verdict": verdict}]}


@pytest.mark.parametrize("verdict", ["PASS", "WARN", "NONE"])
def test_only_a_fail_blocks(verdict: str) -> None:
    assert gate("abc", told(verdict)) == []


def test_a_fail_is_given_with_its_number_and_threshold() -> None:
    assert gate("abc", told("FAIL")) == ["7 slope: slope 0.30, threshold 0.8 to 1.25"]


def test_a_model_without_validation_or_with_that_of_another_is_refused() -> None:
    (never,), (other,) = gate("abc", None), gate("abc", told("PASS", "xyz"))
    assert "encours validate" in never
    assert "of model xyz, not of abc" in other
