"""Compiled code reads the policy's own numbers."""

import numpy as np

from models.policy import Policy

POLICY = Policy.load()


def test_grades_beyond_the_cut_off_get_nothing_of_their_own() -> None:
    cap = POLICY.lists.grade_cap
    assert cap[: POLICY.cut_off_grade].tolist() == list(POLICY.by_grade.cap[: POLICY.cut_off_grade])
    assert not cap[POLICY.cut_off_grade :].any()


def test_the_last_country_is_the_unrated_one() -> None:
    assert POLICY.lists.country_cap.tolist() == [*POLICY.caps.country, POLICY.caps.country_unrated]


def test_a_revision_is_read_anew() -> None:
    revised = POLICY.revise({"need.peak_factor": 2.0, "cover.vat_included": False})
    assert (revised.numbers.peak_factor, revised.numbers.vat) == (2.0, 1.2)
    assert (POLICY.numbers.peak_factor, POLICY.numbers.vat) == (POLICY.need.peak_factor, 1.0)


def test_every_number_is_one_a_kernel_can_take() -> None:
    for name, value in POLICY.numbers._asdict().items():
        assert isinstance(value, (bool, int, float)), name
    assert all(isinstance(values, np.ndarray) for values in POLICY.lists)
