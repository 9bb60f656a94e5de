"""The calendar: days since 1970-01-01, months on it, and how long a year is.

Months are those of H. Hinnant, chrono-compatible low-level date algorithms.
"""

from datetime import date

from numba import njit

DAYS_A_YEAR = 365.25
DAYS_A_MONTH = DAYS_A_YEAR / 12

_EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def days_between(first: date, last: date, months: int) -> list[date]:
    """`first`, and the same day of every `months`-th month after it, none later than `last`.

    A day that a month does not have is its last one.

    >>> [str(day) for day in days_between(date(2024, 3, 31), date(2024, 12, 31), 3)]
    ['2024-03-31', '2024-06-30', '2024-09-30', '2024-12-31']
    """
    days: list[date] = []
    start = day_number(first)
    while (day := date.fromordinal(add_months(start, months * len(days)) + _EPOCH)) <= last:
        days.append(day)
    return days


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def add_months(day: int, months: int) -> int:
    """The same day `months` later, or the last of a shorter month.

    >>> add_months(30, 1) - 31  # 31 January 1970 and a month
    27
    """
    year, month, day_of_month = _civil(day)
    index = year * 12 + month - 1 + months
    first, following = _first_of(index), _first_of(index + 1)
    return min(first + day_of_month - 1, following - 1)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def month_end(day: int) -> int:
    """The last day of the month of a day."""
    year, month, _ = _civil(day)
    return _first_of(year * 12 + month) - 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _first_of(month: int) -> int:
    """The first day of a month, counted from year 0, in days since 1970-01-01."""
    year, after = month // 12, month % 12 + 1
    year -= after <= 2  # years from March on: a leap day ends one
    day_of_year = (153 * (after - 3 if after > 2 else after + 9) + 2) // 5
    era = year // 400
    in_era = year - era * 400
    return era * 146097 + in_era * 365 + in_era // 4 - in_era // 100 + day_of_year - 719468


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _civil(day: int) -> tuple[int, int, int]:
    """Year, month and day of a day since 1970-01-01."""
    shifted = day + 719468
    era = shifted // 146097
    in_era = shifted - era * 146097
    year = (in_era - in_era // 1460 + in_era // 36524 - in_era // 146096) // 365
    day_of_year = in_era - (365 * year + year // 4 - year // 100)
    month = (5 * day_of_year + 2) // 153
    after = month + 3 if month < 10 else month - 9
    return year + era * 400 + (after <= 2), after, day_of_year - (153 * month + 2) // 5 + 1
