import numpy as np
import pytest

GRADES = [
    {"country": "FR", "rated_on": "2023-01-01", "grade": 2.0},
    {"country": "FR", "rated_on": "2024-06-01", "grade": 3.0},
    {"country": "DE", "rated_on": "2024-06-15", "grade": 1.0},
]
RATES = [
    {"sector": "F", "rated_on": "2023-01-01", "grade": 1.5},
    {"sector": "F", "rated_on": "2024-01-01", "grade": 2.5},
]


def test_the_grade_of_the_buyers_country_as_published(features_of):
    assert features_of("2024-05-31", country_risk=GRADES)["country_grade"] == 2
    got = features_of("2024-06-01", country_risk=GRADES)
    assert (got["country_grade"], got["country_grade_change_1y"]) == (3, 1)


def test_no_change_is_known_before_a_first_year_of_grades(features_of):
    got = features_of("2023-06-30", country_risk=GRADES)
    assert got["country_grade"] == 2
    assert np.isnan(got["country_grade_change_1y"])


@pytest.mark.parametrize("sector", ["F", "F41.20"])
def test_the_rate_of_the_buyers_section(features_of, sector):
    buyer = [{"country": "FR", "sector": sector}]
    got = features_of("2024-06-30", buyers=buyer, sector_risk=RATES)
    assert (got["sector_failure_rate"], got["sector_failure_rate_change_1y"]) == (2.5, 1.0)


@pytest.mark.parametrize("buyer", [{"country": "XX"}, {"country": "XX", "sector": "Z99"}])
def test_what_nobody_graded_is_missing(features_of, buyer):
    got = features_of("2024-06-30", buyers=[buyer], country_risk=GRADES, sector_risk=RATES)
    assert np.isnan(got["country_grade"])
    assert np.isnan(got["sector_failure_rate"])
