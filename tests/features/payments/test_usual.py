from typing import Any

import numpy as np
import pytest

BUYER = [{"country": "FR", "sector": "F41"}]
USUAL = [
    {"payers": "all", "published_on": "2023-12-31", "days": 10.0},
    {"payers": "FR", "published_on": "2023-12-31", "days": 12.5},
    {"payers": "F", "published_on": "2023-12-31", "days": 9.0},
    {"payers": "all", "published_on": "2024-12-31", "days": 8.0},
    {"payers": "FR", "published_on": "2024-12-31", "days": 11.5},
    {"payers": "F", "published_on": "2024-12-31", "days": 10.0},
]


def invoice(due: str, paid: str | None, **more: Any) -> dict[str, Any]:
    row = {"invoice_id": due, "issued_on": "2023-01-01", "due_on": due, "paid_on": paid}
    return row | {"amount": 100.0} | more


def later(features_of: Any, *invoices: dict[str, Any], as_of: str = "2024-12-31") -> list[float]:
    got = features_of(as_of, buyers=BUYER, usual_lateness=USUAL, invoices=list(invoices))
    return [got[f"days_later_than_usual_{m}m"] for m in (6, 12, 24)]


def test_an_invoice_is_set_against_its_country_and_sector_of_its_quarter(features_of):
    # 8 + (11.5 - 8) + (10 - 8) = 13.5 are usual at the end of 2024, 10 + 2.5 - 1 a year before
    recent = invoice("2024-10-01", "2024-10-21")
    old = invoice("2023-11-01", "2023-11-21")
    assert later(features_of, recent) == [6.5, 6.5, 6.5]
    assert later(features_of, old)[2] == 8.5
    assert later(features_of, recent, old) == [6.5, 6.5, 7.5]


def test_an_invoice_too_young_to_be_covered_is_set_against_the_latest_publication(features_of):
    young = invoice("2024-12-15", "2024-12-20")
    assert later(features_of, young)[0] == 5 - 13.5
    assert later(features_of, young, as_of="2024-12-30")[0] == 5 - 11.5  # not yet published


@pytest.mark.parametrize(
    "silent",
    [
        invoice("2024-12-20", None),  # open, eleven days late: may yet be paid as usual
        invoice("2024-10-01", "2024-10-21", disputed_on="2024-10-02"),
        invoice("2024-10-01", "2024-10-21", amount=-100.0),
        invoice("2025-01-15", None),  # not yet due
        invoice("2022-12-30", "2022-12-31", issued_on="2022-12-01"),  # two years back and a day
    ],
)
def test_what_tells_nothing_is_left_out(features_of, silent):
    assert np.isnan(later(features_of, silent)).all()


def test_an_open_invoice_tells_once_it_is_late_and_sixty_days_are_the_most(features_of):
    assert later(features_of, invoice("2024-12-15", None))[0] == 16 - 13.5
    assert later(features_of, invoice("2024-08-01", None))[0] == 60 - 13.5


def test_payers_without_a_publication_are_as_all(features_of):
    buyer = [{"country": "XX"}]
    got = features_of(
        "2024-12-31",
        buyers=buyer,
        usual_lateness=USUAL,
        invoices=[invoice("2024-10-01", "2024-10-21")],
    )
    assert got["days_later_than_usual_6m"] == 12.0
    assert np.isnan([got["country_days_late"], got["sector_days_late"]]).all()


def test_sector_and_country_against_all_now_and_a_year_ago(features_of):
    got = features_of("2024-12-31", buyers=BUYER, usual_lateness=USUAL)
    assert (got["sector_days_late"], got["sector_days_late_change_1y"]) == (2.0, 3.0)
    assert (got["country_days_late"], got["country_days_late_change_1y"]) == (3.5, 1.0)
    before = features_of("2024-06-30", buyers=BUYER, usual_lateness=USUAL)
    assert before["sector_days_late"] == -1.0
    assert np.isnan(before["sector_days_late_change_1y"])


def test_nothing_published_nothing_known(features_of):
    got = features_of("2024-12-31", buyers=BUYER, invoices=[invoice("2024-10-01", "2024-10-21")])
    assert np.isnan(got["days_later_than_usual_12m"])
    assert np.isnan(got["sector_days_late"])
