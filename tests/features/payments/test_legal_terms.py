import calendar
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from features.calendar import day_number
from features.payments.legal_terms import beyond_legal_terms

DATES = st.dates(date(1900, 1, 1), date(2400, 12, 31))


def last_of_month(on: date) -> date:
    return on.replace(day=calendar.monthrange(on.year, on.month)[1])


@given(DATES, st.integers(0, 100))
def test_terms_are_legal_by_any_of_three_readings(issued, terms):
    due = issued + timedelta(terms)
    readings = (
        issued + timedelta(60),
        last_of_month(issued + timedelta(45)),
        last_of_month(issued) + timedelta(45),
    )
    assert beyond_legal_terms(day_number(issued), day_number(due)) == (due > max(readings))
