"""The bundle is text, whole or refused, and scores the same after a round trip."""

import json

import numpy as np
import pandas as pd
import pytest

from models.credit_model import BundleError, CreditModel


@pytest.fixture
def frame(credit_model: CreditModel) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, len(credit_model.feature_names)))
    values[rng.random(values.shape) < 0.2] = np.nan
    return pd.DataFrame(values, columns=list(credit_model.feature_names))


def test_the_bundle_holds_text_and_numbers_only(bundle) -> None:
    for path in bundle.iterdir():
        text = path.read_bytes().decode("utf-8")  # a pickle is no UTF-8
        assert "\x00" not in text
    assert {path.suffix for path in bundle.iterdir()} <= {".txt", ".json", ".toml"}


def test_a_round_trip_keeps_every_bit(credit_model, bundle, frame) -> None:
    loaded = CreditModel.load(bundle)
    pd.testing.assert_frame_equal(loaded.score(frame), credit_model.score(frame), check_exact=True)
    assert loaded.policy.digest == credit_model.policy.digest


def test_a_row_scores_the_same_alone(credit_model, frame) -> None:
    together = credit_model.score(frame)
    alone = pd.concat([credit_model.score(frame.iloc[[i]]) for i in range(len(frame))])
    pd.testing.assert_frame_equal(alone, together, check_exact=True)


def test_drivers_and_base_are_the_log_odds(credit_model, frame) -> None:
    base, _ = credit_model.default_model.drivers(frame.to_numpy()[:1])
    total = base + credit_model.drivers(frame).sum(axis=1)
    assert total.to_numpy() == pytest.approx(
        credit_model.score(frame)["log_odds"].to_numpy(), abs=1e-9
    )


def test_equal_models_have_equal_versions_and_the_policy_does_not_count(
    credit_model, bundle, tmp_path
) -> None:
    stricter = credit_model.policy.revise({"version": "stricter"})
    credit_model.with_policy(stricter).save(tmp_path / "other")
    assert CreditModel.load(tmp_path / "other").version == CreditModel.load(bundle).version


@pytest.mark.parametrize(
    "name", ["booster.txt", "calibration.json", "reference.json", "policy.toml", "features.json"]
)
def test_an_altered_or_missing_file_is_refused_by_name(credit_model, tmp_path, name) -> None:
    credit_model.save(tmp_path / "model")
    file = tmp_path / "model" / name
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(BundleError, match=name):
        CreditModel.load(tmp_path / "model")
    file.unlink()
    with pytest.raises(BundleError, match=name):
        CreditModel.load(tmp_path / "model")


def test_an_empty_folder_says_how_to_make_a_bundle(tmp_path) -> None:
    with pytest.raises(BundleError, match="encours train"):
        CreditModel.load(tmp_path)


def test_a_feature_this_version_lacks_is_named(credit_model, tmp_path) -> None:
    credit_model.save(tmp_path / "model")
    ranges = tmp_path / "model" / "features.json"
    known = json.loads(ranges.read_text())
    ranges.write_text(json.dumps({"a_feature_of_tomorrow": [0, 1, 2], **known}))
    with pytest.raises(BundleError, match=r"features\.json"):
        CreditModel.load(tmp_path / "model")


def test_a_frame_without_the_features_is_refused_by_name(credit_model, frame) -> None:
    first = credit_model.feature_names[0]
    with pytest.raises(ValueError, match=first):
        credit_model.score(frame.drop(columns=first))


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")  # shap on import
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_shap_draws_the_drivers(credit_model, frame) -> None:
    """Its own plots, on the numbers that are served."""
    import matplotlib as mpl

    mpl.use("Agg")
    import shap

    explained = credit_model.explanation(frame)
    np.testing.assert_array_equal(explained.values, credit_model.drivers(frame).to_numpy())
    total = explained.base_values + explained.values.sum(axis=1)
    assert total == pytest.approx(credit_model.score(frame)["log_odds"].to_numpy(), abs=1e-9)
    axes = shap.plots.waterfall(explained[0], max_display=5, show=False)
    strongest = credit_model.features[int(np.abs(explained.values[0]).argmax())].labels["en"]
    assert any(strongest in tick.get_text() for tick in axes.get_yticklabels())
    mpl.pyplot.close("all")
