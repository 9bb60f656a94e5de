"""Months are added as people add them."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from models.limits.months import add_months


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(1, 60))
def test_months_are_added_as_on_a_calendar(start: date, months: int) -> None:
    epoch = date(1970, 1, 1).toordinal()
    found = date.fromordinal(add_months(start.toordinal() - epoch, months) + epoch)
    assert (found.year * 12 + found.month) - (start.year * 12 + start.month) == months
    assert found.day == start.day or (
        found.day < start.day and date.fromordinal(found.toordinal() + 1).day == 1
    )
