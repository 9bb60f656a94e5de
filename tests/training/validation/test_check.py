import numpy as np
import pytest

from training.validation.check import at_least, at_most, gravest, holds, not_judged


@pytest.mark.parametrize(
    ("number", "verdict"), [(0.8, "PASS"), (0.7, "PASS"), (0.65, "WARN"), (0.5, "FAIL")]
)
def test_at_least_warns_then_fails(number: float, verdict: str) -> None:
    assert at_least("AUC", number, 0.7, 0.6).verdict == verdict
    assert at_most("gap", -number, -0.7, -0.6).verdict == verdict


def test_what_is_not_known_warns_and_never_passes() -> None:
    assert at_least("AUC", np.nan, 0.7, 0.6).verdict == "WARN"
    assert at_most("gap", np.nan, 0.1).verdict == "WARN"


def test_the_gravest_verdict_is_the_whole_s() -> None:
    checks = [holds("a", True, "", ""), not_judged("b", "no truth"), at_most("c", 2.0, 1.0)]
    assert gravest([check.verdict for check in checks]) == "WARN"
    assert gravest(["NONE"]) == "NONE"
    assert gravest([]) == "NONE"


def test_number_and_threshold_are_said() -> None:
    check = at_most("gap", 0.07, 0.05, 0.10)
    assert (check.value, check.threshold) == ("0.07", "≤ 0.05 (FAIL unless ≤ 0.1)")
    assert check.number == 0.07
