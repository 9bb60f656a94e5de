import numpy as np
import pytest

from features.esg import FEATURES

RATINGS = [
    {"rated_on": "2023-01-31", "environment": 40.0, "social": 50.0, "governance": 60.0},
    {"rated_on": "2024-01-31", "environment": 45.0, "controversy": 2.0},
]


def test_the_last_rating_published_counts_whole(features_of):
    got = features_of("2024-03-02", esg=RATINGS)
    assert got["esg_environment"] == 45
    assert got["esg_controversy"] == 2
    assert np.isnan(got["esg_social"])  # not taken from the rating before
    assert got["esg_age_months"] == pytest.approx(31 / (365.25 / 12))
    assert features_of("2024-01-30", esg=RATINGS)["esg_social"] == 50


def test_without_the_table_ratings_are_missing_and_nothing_else_moves(features_of):
    statements = [{"closing_date": "2023-12-31", "equity": 3.0, "total_assets": 9.0}]
    rated = features_of("2024-12-31", statements=statements, esg=RATINGS)
    absent = features_of("2024-12-31", statements=statements)
    names = {f.name for f in FEATURES}
    assert np.isnan([absent[name] for name in names]).all()
    others = rated.keys() - names
    np.testing.assert_equal({n: rated[n] for n in others}, {n: absent[n] for n in others})
