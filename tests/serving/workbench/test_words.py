from models.limits.limit_reasons import CANDIDATES
from serving.access.caller import PERMISSIONS, ROLES
from serving.workbench import words


def test_every_candidate_of_the_engine_has_a_name() -> None:
    assert set(words.CANDIDATES) == set(words.CANDIDATE_MEANINGS) == set(CANDIDATES)


def test_tiers_spread_the_scale_from_best_to_worst() -> None:
    grades = [str(grade) for grade in range(1, 11)] + ["D"]
    tiers = [words.tier(grade, grades) for grade in grades]
    assert tiers == sorted(tiers)
    assert (tiers[0], tiers[-1]) == (0, 4)


def test_every_role_and_permission_has_a_name() -> None:
    assert set(words.ROLES) == set(ROLES)
    assert set(words.PERMISSIONS) == set(PERMISSIONS)
