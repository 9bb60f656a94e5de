import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.payments.legal_terms import beyond_legal_terms, month_end

EPOCH = date(1970, 1, 1)
DATES = st.dates(date(1900, 1, 1), date(2400, 12, 31))


def days(on: date) -> int:
    return (on - EPOCH).days


def last_of_month(on: date) -> date:
    return on.replace(day=calendar.monthrange(on.year, on.month)[1])


@given(DATES)
def test_month_end_is_the_calendars(on):
    assert month_end(days(on)) == days(last_of_month(on))


@pytest.mark.parametrize("on", [date(2000, 2, 1), date(1900, 2, 28), date(2024, 2, 29)])
def test_february(on):
    assert month_end(days(on)) == days(last_of_month(on))


@given(DATES, st.integers(0, 100))
def test_terms_are_legal_by_any_of_three_readings(issued, terms):
    due = issued + timedelta(terms)
    readings = (
        issued + timedelta(60),
        last_of_month(issued + timedelta(45)),
        last_of_month(issued) + timedelta(45),
    )
    assert beyond_legal_terms(days(issued), days(due)) == (due > max(readings))
