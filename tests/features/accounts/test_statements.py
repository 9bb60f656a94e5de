"""Which accounts count: as published, in the version known, compared with comparable years."""

import numpy as np
import pytest


def year(closing: int, **items: object) -> dict[str, object]:
    known = {"closing_date": f"{closing}-12-31", "available_at": f"{closing + 1}-07-31"}
    return known | {"total_assets": 100.0, "months": 12.0} | items


def test_a_statement_counts_from_its_publication(features_of):
    years = [year(2022, equity=10.0), year(2023, equity=20.0)]
    assert features_of("2024-07-30", statements=years)["equity_ratio"] == 0.1
    assert features_of("2024-07-31", statements=years)["equity_ratio"] == 0.2


def test_without_a_publication_date_it_counts_nine_months_after_closing(features_of):
    silent = [year(2023, available_at=None, equity=20.0)]
    assert np.isnan(features_of("2024-09-29", statements=silent)["equity_ratio"])
    assert features_of("2024-09-30", statements=silent)["equity_ratio"] == 0.2


def test_a_restatement_counts_from_its_own_publication(features_of):
    versions = [year(2023, equity=20.0), year(2023, equity=5.0, available_at="2024-11-01")]
    for rows in (versions, versions[::-1]):
        assert features_of("2024-10-31", statements=rows)["equity_ratio"] == 0.2
        assert features_of("2024-11-01", statements=rows)["equity_ratio"] == 0.05


def test_a_restatement_of_an_old_year_is_no_newer_year(features_of):
    rows = [year(2023, equity=20.0), year(2022, equity=50.0, available_at="2024-11-01")]
    got = features_of("2024-12-31", statements=rows)
    assert got["equity_ratio"] == 0.2
    assert got["equity_growth_1y"] == pytest.approx(-0.6)


def test_a_missing_year_leaves_its_change_unknown_and_does_not_shift_the_others(features_of):
    rows = [year(2023, equity=20.0), year(2021, equity=40.0)]
    got = features_of("2024-12-31", statements=rows)
    assert np.isnan(got["equity_growth_1y"])
    assert got["equity_growth_2y"] == -0.5


def test_a_moved_closing_date_is_still_the_year_before(features_of):
    rows = [year(2023, equity=30.0), year(2022, closing_date="2022-10-31", equity=20.0)]
    assert features_of("2024-12-31", statements=rows)["equity_growth_1y"] == 0.5


@pytest.mark.parametrize("other", [{"currency": "USD"}, {"consolidated": True}])
def test_years_in_another_currency_or_of_another_entity_are_not_compared(features_of, other):
    rows = [year(2023, consolidated=False, equity=30.0)]
    rows += [year(2022, **{"consolidated": False, "equity": 20.0} | other)]
    assert np.isnan(features_of("2024-12-31", statements=rows)["equity_growth_1y"])


@pytest.mark.parametrize("months", [0.0, -3.0])
def test_a_period_without_length_has_no_annual_flow(features_of, months):
    rows = [year(2023, net_income=5.0, months=months)]
    assert np.isnan(features_of("2024-12-31", statements=rows)["return_on_assets"])
