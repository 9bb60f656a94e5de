import numpy as np
import pytest
from scipy.special import expit

from training.metrics import headline


def test_the_headline_of_a_model_that_is_right() -> None:
    rng = np.random.default_rng(0)
    log_odds = rng.normal(-3, 1.5, 50_000)
    p = expit(log_odds)
    found = headline(rng.random(50_000) < p, p)
    assert found["auc_low"] < found["auc"] < found["auc_high"]
    assert found["calibration_slope"] == pytest.approx(1, abs=0.05)
    assert found["calibration_intercept"] == pytest.approx(0, abs=0.1)
    assert found["mean_probability"] == pytest.approx(found["base_rate"], abs=0.003)
    assert found["brier"] == pytest.approx(np.mean(p * (1 - p)), abs=0.002)
    assert found["rows"] == 50_000
    assert found["base_rate"] == found["defaults"] / 50_000


def test_metrics_json_has_the_names_others_read() -> None:
    default = np.array([0, 1, 0, 1, 0, 1], bool)
    found = headline(default, np.array([0.1, 0.2, 0.3, 0.4, 0.25, 0.5]))
    promised = (
        "auc auc_low auc_high average_precision base_rate brier calibration_slope rows defaults"
    )
    assert set(promised.split()) <= set(found)
    assert found["auc"] == pytest.approx(7 / 9)
    assert found["average_precision"] == pytest.approx((1 + 1 + 3 / 5) / 3)
