"""Days on a grid of months."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from features.calendar import days_between

DAYS = st.dates(date(1990, 1, 1), date(2060, 1, 1))


def test_the_end_of_the_month_stays_the_end_of_the_month() -> None:
    days = days_between(date(2024, 1, 31), date(2024, 4, 30), 1)
    assert [str(day) for day in days] == ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]


@given(first=DAYS, last=DAYS, months=st.integers(1, 24))
def test_days_rise_from_the_first_to_at_most_the_last(first, last, months) -> None:
    days = days_between(first, last, months)
    assert days == sorted(set(days))
    assert (days[:1] == [first]) == (first <= last)
    assert all(first <= day <= last for day in days)
