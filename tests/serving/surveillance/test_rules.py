from pathlib import Path

import pytest

from serving.surveillance.rules import DEFAULT_RULES, RULES, Rules


def test_the_rules_that_come_with_it_are_valid() -> None:
    rules = Rules.load()
    assert rules.grade_drop.notches >= 1
    assert len(set(RULES)) == len(RULES)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("notches = 1", "notches = 0", "grade_drop.notches"),
        ("ratio = 2.0", "ratio = 1.0", "probability_ratio.ratio"),
        ("days = 31", "days = 30", "overdue.days"),
        ("notches = 1", "notch = 1", "grade_drop"),
        ("hysteresis = 0.10", "hysteresis = nan", "hysteresis"),
        ('"claim"', '"rumour"', "incident.kinds"),
        ("[limit_use]", "[limit_uses]", "limit_use"),
        ("notches = 1", "notches = ", "no TOML"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = DEFAULT_RULES.read_text()
    assert old in text
    path = tmp_path / "rules.toml"
    path.write_text(text.replace(old, new))
    with pytest.raises(ValueError, match=said) as error:
        Rules.load(path)
    assert str(path) in str(error.value)
