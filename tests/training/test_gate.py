from pathlib import Path

import pytest

from training.gate import gate

GOOD = {"defaults": 117, "auc_low": 0.89, "calibration_slope": 0.96}


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, []),
        ({"defaults": 29}, ["29 defaults in the test slice, fewer than 30"]),
        ({"auc_low": 0.59}, ["the AUC may be as low as 0.590, below 0.6"]),
        (
            {"calibration_slope": 0.3, "defaults": 2},
            [
                "2 defaults in the test slice, fewer than 30",
                "the calibration slope is 0.30, not within 0.6 to 1.6",
            ],
        ),
    ],
)
def test_each_reason_has_its_number_and_threshold(change: dict, reasons: list[str]) -> None:
    assert gate(Path("bundle"), GOOD | change) == reasons
