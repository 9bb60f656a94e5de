import math

import numpy as np
import pytest


def profile(features_of, as_of="2024-06-30", **buyer):
    return features_of(as_of, buyers=[{"country": "FR"} | buyer])


def test_age_counts_from_registration_and_never_below_zero(features_of):
    assert profile(features_of, founded_on="2014-06-30")["firm_age_years"] == pytest.approx(
        3653 / 365.25
    )
    assert profile(features_of, founded_on="2025-01-01")["firm_age_years"] == 0


def test_employees_are_on_a_logarithmic_scale_from_zero(features_of):
    assert profile(features_of, employees=0.0)["log_employees"] == 0
    assert profile(features_of, employees=99.0)["log_employees"] == pytest.approx(math.log(100))


@pytest.mark.parametrize(
    ("form", "grade"), [("SA", 1), ("S.A.R.L.", 2), ("GmbH & Co. KG", 3), ("ei", 4)]
)
def test_legal_form_however_it_is_spelt(features_of, form, grade):
    assert profile(features_of, legal_form=form)["legal_form_grade"] == grade


def test_a_parent_makes_a_group_member(features_of):
    assert profile(features_of, group_id="G1")["group_member"] == 1
    assert profile(features_of)["group_member"] == 0


def test_what_is_not_registered_is_missing(features_of):
    got = profile(features_of, legal_form="Kolkhoz")
    names = ("firm_age_years", "log_employees", "legal_form_grade")
    assert np.isnan([got[name] for name in names]).all()
