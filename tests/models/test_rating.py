import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy import Policy
from models.rating import UNRATED, MasterScale

SCALE = Policy.load().master_scale


def test_shipped_scale_is_geometric_from_3_basis_points_to_20_percent() -> None:
    np.testing.assert_allclose(SCALE.bounds, np.geomspace(0.0003, 0.20, 11), rtol=1e-5)
    ratios = np.array(SCALE.bounds[1:]) / SCALE.bounds[:-1]
    np.testing.assert_allclose(ratios, 1.91598, rtol=1e-5)


def test_grades_stand_for_the_geometric_midpoints() -> None:
    percent = [0.0415, 0.0796, 0.152, 0.292, 0.560, 1.072, 2.054, 3.936, 7.541, 14.449, 100]
    np.testing.assert_allclose(100 * SCALE.default_probabilities, percent, rtol=3e-3)


def test_a_probability_on_a_bound_belongs_to_the_worse_grade() -> None:
    bounds = np.array(SCALE.bounds)
    assert SCALE.grades(bounds).tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]
    just_below = np.nextafter(bounds, 0)
    assert SCALE.grades(just_below).tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_only_a_default_is_graded_d() -> None:
    assert SCALE.names[SCALE.grades([1.0])[0]] == "10"
    grades = SCALE.grades([0.001, 0.001, np.nan], in_default=[True, False, True])
    assert [SCALE.names[g] for g in grades] == ["D", "2", "D"]


def test_an_unknown_probability_has_no_grade() -> None:
    assert SCALE.grades([np.nan, 0.01]).tolist() == [UNRATED, 5]


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_higher_probability_never_has_a_better_grade(one: float, other: float) -> None:
    better, worse = SCALE.grades(sorted((one, other)))
    assert better <= worse


@pytest.mark.parametrize(
    ("names", "bounds", "message"),
    [
        (("a", "b", "D"), (0.01, 0.01, 0.2), "rise strictly"),
        (("a", "b", "D"), (0.0, 0.01, 0.2), "rise strictly"),
        (("a", "D"), (0.01, 0.05, 0.2), "names has 2 grades for 3 bounds"),
        (("a", "a", "D"), (0.01, 0.05, 0.2), "differ"),
    ],
)
def test_an_inconsistent_scale_is_refused(
    names: tuple[str, ...], bounds: tuple[float, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        MasterScale(names=names, bounds=bounds)


def test_a_display_names_every_grade() -> None:
    with pytest.raises(ValueError, match="short has 1 grades for 3 bounds"):
        MasterScale(names=("a", "b", "D"), bounds=(0.01, 0.05, 0.2), display={"short": ("x",)})
