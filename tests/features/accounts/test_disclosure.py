import numpy as np
import pytest

MONTH = 365.25 / 12


def published(closing: str, available: str | None, **items: object) -> dict[str, object]:
    return {"closing_date": closing, "available_at": available, "total_assets": 1.0} | items


PUNCTUAL = [
    published("2021-12-31", "2022-06-29"),  # 180 days
    published("2022-12-31", "2023-07-09"),  # 190 days
]


def test_age_counts_from_the_closing_of_the_last_accounts_known(features_of):
    got = features_of("2023-12-31", statements=PUNCTUAL)
    assert got["accounts_age_months"] == pytest.approx(365 / MONTH)
    assert features_of("2023-07-08", statements=PUNCTUAL)["years_of_accounts"] == 1


def test_accounts_are_overdue_after_a_year_and_the_buyers_usual_delay(features_of):
    due = np.datetime64("2022-12-31") + 365 + 185
    on_time = features_of(str(due), statements=PUNCTUAL)
    late = features_of(str(due + 61), statements=PUNCTUAL)
    assert on_time["accounts_overdue_months"] == 0
    assert late["accounts_overdue_months"] == pytest.approx(61 / MONTH)


def test_a_restatement_is_neither_a_year_nor_a_late_publication(features_of):
    restated = [*PUNCTUAL, published("2022-12-31", "2023-12-01")]
    before = features_of("2023-11-30", statements=restated)
    after = features_of("2023-12-01", statements=restated)
    assert (before["restatements"], after["restatements"]) == (0, 1)
    assert before["years_of_accounts"] == after["years_of_accounts"] == 2
    assert after["publication_delay_months"] == pytest.approx(185 / MONTH)


def test_a_balance_sheet_alone_hides_the_income_statement(features_of):
    rows = [published("2022-12-31", "2023-06-30", equity=0.5)]
    assert features_of("2023-12-31", statements=rows)["income_statement_hidden"] == 1
    rows[0]["net_income"] = 0.1
    assert features_of("2023-12-31", statements=rows)["income_statement_hidden"] == 0


@pytest.mark.parametrize("stated", [True, False, None])
def test_consolidated_and_audited_are_as_stated(features_of, stated):
    rows = [published("2022-12-31", "2023-06-30", consolidated=stated, audited=stated)]
    got = features_of("2023-12-31", statements=rows)
    expected = np.nan if stated is None else float(stated)
    np.testing.assert_equal(
        [got["accounts_consolidated"], got["accounts_audited"]], [expected, expected]
    )


def test_a_buyer_who_published_nothing_has_no_age_but_no_years_either(features_of):
    got = features_of("2023-12-31")
    assert got["years_of_accounts"] == 0
    names = ("accounts_age_months", "accounts_overdue_months", "income_statement_hidden")
    assert np.isnan([got[name] for name in names]).all()
