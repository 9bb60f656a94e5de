"""Days on a grid of months."""

from datetime import date

from dateutil.relativedelta import relativedelta


def days_between(first: date, last: date, months: int) -> list[date]:
    """`first`, and the same day of every `months`-th month after it, none later than `last`.

    A day that a month does not have is its last one.

    >>> [str(day) for day in days_between(date(2024, 3, 31), date(2024, 12, 31), 3)]
    ['2024-03-31', '2024-06-30', '2024-09-30', '2024-12-31']
    """
    days: list[date] = []
    while (day := first + relativedelta(months=months * len(days))) <= last:
        days.append(day)
    return days
