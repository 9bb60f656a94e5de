import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit

from models.default_model import DefaultModel

ROOT = Path(__file__).parents[2]
PARAMS = {"verbose": -1, "num_threads": 1, "objective": "binary", "min_data_in_leaf": 5}
NAMES = ["dbt_12m", "equity_ratio", "months_of_history"]


@pytest.fixture(scope="module")
def X():
    draw = np.random.default_rng(0)
    X = draw.normal(size=(400, 3))
    X[draw.random(X.shape) < 0.14] = np.nan
    return X


@pytest.fixture(scope="module")
def booster(X):
    noise = np.random.default_rng(1).normal(size=len(X))
    y = (np.nan_to_num(X[:, 0] - X[:, 1]) + noise > 1).astype(float)
    return lgb.train(PARAMS, lgb.Dataset(X, y, feature_name=NAMES), 20)


@pytest.fixture(scope="module")
def model(booster):
    return DefaultModel.from_booster(booster, slope=0.8, intercept=-0.3)


def test_calibration_is_affine_on_the_log_odds(model, booster, X):
    expected = -0.3 + 0.8 * booster.predict(X, raw_score=True)
    np.testing.assert_allclose(model.log_odds(X), expected, rtol=0, atol=1e-9)
    assert model.feature_names == tuple(NAMES)


def test_drivers_are_lightgbms_times_the_slope(model, booster, X):
    base, contributions = model.drivers(X)
    answers = booster.predict(X, pred_contrib=True)
    np.testing.assert_allclose(contributions, 0.8 * answers[:, :-1], rtol=0, atol=1e-9)
    assert base == pytest.approx(-0.3 + 0.8 * answers[0, -1], abs=1e-9)


@pytest.mark.filterwarnings("ignore:LightGBM binary classifier with TreeExplainer")
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap on import
def test_drivers_are_tree_explainers_times_the_slope(model, booster, X):
    import shap

    expected = 0.8 * shap.TreeExplainer(booster).shap_values(X)
    np.testing.assert_allclose(model.drivers(X)[1], expected, rtol=0, atol=1e-9)


@given(slope=st.floats(0.01, 10), intercept=st.floats(-10, 10), row=st.integers(0, 399))
def test_base_and_drivers_are_the_log_odds_of_the_probability_served(
    model, X, slope, intercept, row
):
    served = replace(model, slope=slope, intercept=intercept)
    base, contributions = served.drivers(X[row : row + 1])
    total = base + contributions.sum(axis=1)
    probability = served.default_probability(X[row : row + 1])
    assert expit(total).tobytes() == probability.tobytes()
    # Near certainty the probability holds few digits of its log-odds.
    digits = 1e-15 / np.minimum(probability, 1 - probability)
    np.testing.assert_allclose(total, logit(probability), rtol=1e-6, atol=1e-9 + digits.max())


def test_a_row_has_the_same_bits_alone_and_in_a_batch(model, X):
    alone = np.concatenate([model.default_probability(X[i : i + 1]) for i in range(len(X))])
    assert alone.tobytes() == model.default_probability(X).tobytes()


def test_saved_and_loaded_it_answers_with_the_same_bits(model, X, tmp_path):
    model.save(tmp_path / "bundle")
    loaded = DefaultModel.load(tmp_path / "bundle")
    assert loaded.default_probability(X).tobytes() == model.default_probability(X).tobytes()
    assert loaded.drivers(X)[1].tobytes() == model.drivers(X)[1].tobytes()
    names = sorted(path.name for path in (tmp_path / "bundle").iterdir())
    assert names == ["booster.txt", "calibration.json", "reference.json"]
    assert json.loads((tmp_path / "bundle/calibration.json").read_text()) == {
        "slope": 0.8,
        "intercept": -0.3,
    }
    loaded.save(tmp_path / "again")
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "bundle" / name).read_bytes()


def test_a_saved_model_is_served_without_lightgbm(model, X, tmp_path):
    model.save(tmp_path)
    program = (
        "import sys; from pathlib import Path; from models.default_model import DefaultModel;"
        f"model = DefaultModel.load(Path({str(tmp_path)!r}));"
        "print(model.default_probability([[1.0, -1.0, float('nan')]])[0].hex());"
        "assert 'lightgbm' not in sys.modules"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    here = model.default_probability([[1.0, -1.0, np.nan]])[0]
    assert float.fromhex(run.stdout.strip()) == here


@pytest.mark.parametrize(
    ("slope", "intercept"), [(0.0, 0.0), (-1.0, 0.0), (np.nan, 0.0), (1.0, np.inf)]
)
def test_a_calibration_that_cannot_rank_is_refused(model, slope, intercept):
    with pytest.raises(ValueError, match="slope must be positive"):
        replace(model, slope=slope, intercept=intercept)


def test_a_cut_booster_text_is_refused(model, tmp_path):
    model.save(tmp_path)
    (tmp_path / "booster.txt").write_text(model.booster_text[:1000])
    with pytest.raises(ValueError, match="altered since it was saved"):
        DefaultModel.load(tmp_path)
