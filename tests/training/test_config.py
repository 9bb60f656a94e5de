from pathlib import Path

import pytest

from training.config import TrainingConfig

SHIPPED = sorted((Path(__file__).parents[2] / "training").glob("*.toml"))
MINIMAL = {
    "cohort": {"rule": "after_publication"},
    "label": {},
    "split": {
        "train_until": "2019-12-31",
        "calibrate_until": "2021-12-31",
        "test_until": "2023-12-31",
    },
}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_config_loads(path: Path) -> None:
    assert TrainingConfig.load(path).label.default_is


def test_absent_keys_have_defaults() -> None:
    config = TrainingConfig.of(MINIMAL)
    assert (config.currency, config.label.horizon_days, config.topics) == ("EUR", 365, ())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"curency": "USD"}, "unknown key 'curency'; did you mean 'currency'"),
        ({"fit": {"num_leafs": 3}}, r"key in \[fit\] 'num_leafs'; did you mean 'num_leaves'"),
        ({"topics": ["leverege"]}, "topic 'leverege'; did you mean 'leverage'"),
        ({"label": {"horizon_days": "a year"}}, "label.horizon_days = 'a year'"),
        ({"label": {"default_is": ["bankruptcy"]}}, "label.default_is.0 = 'bankruptcy'"),
        ({"cohort": {"rule": "grid"}}, "a grid needs `first` and `last`"),
        ({"split": MINIMAL["split"] | {"test_until": "2020-01-01"}}, "must be in this order"),
        (
            {"split": MINIMAL["split"] | {"buyer_shares": [0.5, 0.2, 0.2]}},
            "must be above 0 and sum to 1",
        ),
        ({"split": MINIMAL["split"] | {"buyer_shares": [1.5, -0.3, -0.2]}}, "must be above 0"),
        ({"split": {}}, "split.train_until"),
        ({"label": {"horizon_days": 0}}, "label.horizon_days = 0: .* greater than or equal to 1"),
        ({"label": {"waiting_days": -1}}, "label.waiting_days = -1: .* or equal to 0"),
        ({"label": {"materiality": float("nan")}}, "label.materiality = nan: .* finite"),
        ({"label": {"default_is": []}}, "label: default_is is empty: name what counts"),
        ({"cohort": {"rule": "after_publication", "every_months": 0}}, "cohort.every_months = 0"),
        ({"fit": {"majority_share": 2.0}}, "fit.majority_share = 2.0: .* less than or equal to 1"),
        ({"fit": {"bags": 0}}, "fit.bags = 0"),
        ({"fit": {"folds": 1}}, "folds = 1 holds nothing out"),
        ({"currency": "EURO"}, "currency = 'EURO'"),
    ],
)
def test_a_mistake_is_named(change: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        TrainingConfig.of(MINIMAL | change, "my.toml")


def test_a_feature_to_leave_out_must_be_one(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    shipped = next(path for path in SHIPPED if path.stem == "demo").read_text()
    path.write_text(shipped.replace('"sector_failure_rate"', '"sector_failure_rat"'))
    with pytest.raises(ValueError, match="unknown feature 'sector_failure_rat'; did you mean"):
        TrainingConfig.load(path)


def test_our_own_rules_do_not_print_the_whole_config() -> None:
    with pytest.raises(ValueError, match="unknown topic 'x'; valid: ") as refused:
        TrainingConfig.of(MINIMAL | {"topics": ["x"]}, "my.toml")
    assert str(refused.value).startswith("my.toml: unknown topic 'x'; valid: activity, ")


def test_text_that_is_no_toml_names_its_file(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("x = = 3")
    with pytest.raises(ValueError, match=r"config.toml cannot be read as TOML: .*line 1"):
        TrainingConfig.load(path)
