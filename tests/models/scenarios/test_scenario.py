from pathlib import Path

import numpy as np
import pytest

from models.scenarios.scenario import Scenario, ScenarioError


def test_the_shipped_baseline_has_no_shock() -> None:
    assert Scenario.load("baseline").model_dump(exclude={"name", "description"}) == Scenario(
        name="x"
    ).model_dump(exclude={"name", "description"})


def test_sections_named_feel_the_whole_shock_and_others_a_share() -> None:
    scenario = Scenario.model_validate(
        {"name": "x", "sector": {"sections": ["F"], "shock": -2.0, "spill_over": 0.25}}
    )
    assert scenario.shocks(np.array(["F", "G", ""]), -1.0).tolist() == [-3.0, -1.5, -1.5]
    assert Scenario(name="x").shocks(np.array(["F", "G"]), -1.0).tolist() == [-1.0, -1.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = "x"\nshok = -2.0', "shok: Extra inputs are not permitted"),
        ('name = "x"\n[sector]\nsections = ["Z9"]\nshock = -1', "sector.sections"),
        ('name = "x"\n[export.country_mix]\nDE = 0.7\nFR = 0.3', "country_mix adds up to 1"),
        ('name = "x"\nshock = nan', "shock"),
        ("name =", "is not TOML"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ScenarioError, match=message):
        Scenario.load(path)


def test_an_unknown_name_lists_those_shipped() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'boom'.*export-expansion"):
        Scenario.load("boom")
