"""Months as people count them."""

import calendar
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.calendar import add_months, day_number, days_between, month_end

DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))
FAR = st.dates(date(1900, 1, 1), date(2400, 12, 31))


def test_the_end_of_the_month_stays_the_end_of_the_month() -> None:
    days = days_between(date(2024, 1, 31), date(2024, 4, 30), 1)
    assert [str(day) for day in days] == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]


@given(first=DAYS, last=DAYS, months=st.integers(1, 24))
def test_days_rise_from_the_first_to_at_most_the_last(first, last, months) -> None:
    days = days_between(first, last, months)
    assert days == sorted(set(days))
    assert (days[:1] == [first]) == (first <= last)
    assert all(first <= day <= last for day in days)


@given(FAR, st.integers(1, 60))
def test_months_are_added_as_on_a_calendar(start: date, months: int) -> None:
    epoch = date(1970, 1, 1).toordinal()
    found = date.fromordinal(add_months(day_number(start), months) + epoch)
    assert (found.year * 12 + found.month) - (start.year * 12 + start.month) == months
    assert found.day == start.day or (
        found.day < start.day and date.fromordinal(found.toordinal() + 1).day == 1
    )


def last_of_month(on: date) -> date:
    return on.replace(day=calendar.monthrange(on.year, on.month)[1])


@given(FAR)
def test_month_end_is_the_calendars(on: date) -> None:
    assert month_end(day_number(on)) == day_number(last_of_month(on))


@pytest.mark.parametrize("on", [date(2000, 2, 1), date(1900, 2, 28), date(2024, 2, 29)])
def test_february(on: date) -> None:
    assert month_end(day_number(on)) == day_number(last_of_month(on))
