import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from features.tables import read_tables, write_tables
from training.config import TrainingConfig
from training.metrics import headline
from training.provenance import data_digest
from training.public_data import import_public
from training.sample import Sample
from training.train import TrainingResult, learn, train

AMERICAN = Path(os.environ.get("ENCOURS_DATA", "../shared/data")) / "american-bankruptcy"


def test_metrics_are_those_of_the_served_model_on_the_test_slice(
    trained: TrainingResult, sample: Sample, bundle: Path
) -> None:
    frame = sample.frame(sample.slices.test)
    served = trained.model.score(frame)["default_probability"].to_numpy()
    expected = headline(sample.default[sample.slices.test], served)
    assert trained.metrics == expected
    assert json.loads((bundle / "metrics.json").read_text()) == expected
    assert trained.test["default_probability"].to_numpy() == pytest.approx(served, abs=0)


def test_the_model_ranks_better_than_chance_and_is_calibrated(trained: TrainingResult) -> None:
    assert trained.metrics["auc_low"] > 0.7
    assert 0.5 < trained.metrics["mean_probability"] / trained.metrics["base_rate"] < 2


def test_later_slices_teach_the_trees_nothing(sample: Sample, config: TrainingConfig) -> None:
    """Labels of the calibration slice move the line only, labels of the test slice nothing."""
    untouched = learn(sample, config)
    flipped = sample.default.copy()
    flipped[sample.slices.test] = ~flipped[sample.slices.test]
    assert _text(learn(replace(sample, default=flipped), config)) == _text(untouched)
    flipped = sample.default & ~sample.slices.calibrate
    other = learn(replace(sample, default=flipped), config)
    assert other.booster_text == untouched.booster_text
    assert other.intercept != untouched.intercept


def test_with_refit_later_outcomes_teach_and_the_test_ones_do_not(
    sample: Sample, config: TrainingConfig
) -> None:
    again = replace(config, fit=replace(config.fit, refit=True))
    refitted = learn(sample, again)
    assert refitted.booster_text != learn(sample, config).booster_text
    flipped = sample.default.copy()
    flipped[sample.slices.test] = ~flipped[sample.slices.test]
    assert _text(learn(replace(sample, default=flipped), again)) == _text(refitted)


def _text(model):
    return model.booster_text, model.slope, model.intercept


def test_central_tendency_moves_the_level_and_keeps_the_ranks(
    sample: Sample, config: TrainingConfig
) -> None:
    plain, shifted = learn(sample, config), learn(sample, config, central_tendency=0.08)
    later = sample.matrix[sample.slices.calibrate]
    moved = shifted.log_odds(later) - plain.log_odds(later)
    assert moved == pytest.approx(np.full(len(later), moved[0]))
    assert shifted.default_probability(later).mean() == pytest.approx(0.08)


def test_a_subsampled_majority_keeps_the_level(sample: Sample, config: TrainingConfig) -> None:
    few = replace(config, fit=replace(config.fit, majority_share=0.2))
    later, default = sample.matrix[sample.slices.calibrate], sample.default[sample.slices.calibrate]
    mean = learn(sample, few).default_probability(later).mean()
    assert mean == pytest.approx(default.mean(), rel=0.25)


def test_metadata_say_what_the_model_was_learned_on(
    trained: TrainingResult, portfolio: Path, config: TrainingConfig
) -> None:
    metadata = trained.model.metadata
    assert metadata["data_digest"] == data_digest(portfolio)
    assert metadata["config"]["label"]["horizon_days"] == config.label.horizon_days
    assert metadata["counts"]["test_rows"] == trained.metrics["rows"] == len(trained.test)
    assert len(metadata["code_version"]) >= 7


def test_the_data_digest_changes_with_any_table(portfolio: Path, tmp_path: Path) -> None:
    tables = read_tables(portfolio)
    write_tables({"buyers": tables["buyers"]}, tmp_path)
    one = data_digest(tmp_path)
    write_tables({"incidents": tables["incidents"].slice(1)}, tmp_path)
    assert data_digest(tmp_path) != one


def test_ranges_are_those_of_the_training_rows(trained: TrainingResult, sample: Sample) -> None:
    name = sample.names[0]
    values = sample.frame(sample.slices.train)[name]
    assert trained.model.ranges[name] == pytest.approx(tuple(values.quantile([0.01, 0.5, 0.99])))


@pytest.mark.slow
@pytest.mark.skipif(not AMERICAN.is_dir(), reason=f"no public data in {AMERICAN}")
def test_american_bankruptcies_are_foreseen_out_of_time(tmp_path: Path) -> None:
    import_public("american-bankruptcy", AMERICAN, tmp_path / "american")
    config = TrainingConfig.load(Path(__file__).parents[2] / "training" / "american.toml")
    result = train(tmp_path / "american", config, out=tmp_path / "model", register=False)
    assert (result.metrics["rows"], result.metrics["defaults"]) == (12_058, 117)
    assert result.metrics["auc"] > 0.91
    assert 0.7 < result.metrics["calibration_slope"] < 1.3
    written = json.loads((tmp_path / "model" / "metrics.json").read_text())
    assert written == result.metrics


@pytest.mark.parametrize("rate", [0.0, 1.5, -0.1, float("nan")])
def test_no_rate_is_refused_before_anything_is_read(
    tmp_path: Path, config: TrainingConfig, rate: float
) -> None:
    with pytest.raises(ValueError, match="between 0 and 1, such as"):
        train(tmp_path / "none", config, central_tendency=rate)
