import pytest

from models.limits.limit_reasons import CANDIDATES
from serving.workbench import words


def test_every_candidate_of_the_engine_has_a_name() -> None:
    assert set(words.CANDIDATES) == set(CANDIDATES)


@pytest.mark.parametrize(
    ("probability", "text"), [(0.5, "about 1 in 2"), (0.0003, "about 1 in 3,333"), (0.0, "none")]
)
def test_odds(probability: float, text: str) -> None:
    assert words.odds(probability) == text


def test_an_unknown_sector_is_shown_as_it_is() -> None:
    assert words.sector("F41") == "F41 · Construction"
    assert words.sector("") == ""
    assert words.sector("9999") == "9999"


def test_tiers_spread_the_scale_from_best_to_worst() -> None:
    grades = [str(grade) for grade in range(1, 11)] + ["D"]
    tiers = [words.tier(grade, grades) for grade in grades]
    assert tiers == sorted(tiers)
    assert (tiers[0], tiers[-1]) == (0, 4)
