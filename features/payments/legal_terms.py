"""The longest payment terms French law allows (article L. 441-10 of the commercial code).

Any one of three readings makes terms lawful: 60 days from the invoice, or 45 days and then the end
of the month, or the end of the month and then 45 days.
"""

from numba import njit

NET_DAYS, MONTH_END_DAYS = 60, 45


@njit(cache=True, nogil=True, forceinline=True)
def beyond_legal_terms(issued: int, due: int) -> bool:
    """Whether a due day is later than every reading allows; days since 1970-01-01.

    >>> import numpy as np
    >>> day = lambda date: np.datetime64(date, "D").astype(int)
    >>> beyond_legal_terms(day("2024-01-31"), day("2024-03-31"))  # 60 days
    False
    >>> beyond_legal_terms(day("2024-02-01"), day("2024-04-14"))  # 29 February and 45 days
    False
    >>> beyond_legal_terms(day("2024-02-01"), day("2024-04-15"))
    True
    """
    if due <= issued + NET_DAYS:
        return False
    if due > issued + MONTH_END_DAYS + 30:  # beyond both readings in any month
        return True
    return due > max(month_end(issued + MONTH_END_DAYS), month_end(issued) + MONTH_END_DAYS)


@njit(cache=True, nogil=True)
def month_end(day: int) -> int:
    """The last day of the month of a day since 1970-01-01 (H. Hinnant, chrono algorithms)."""
    # Years start in March, so that the leap day comes last; they repeat after 400.
    of_era = (day + 719_468) % 146_097
    year = (of_era - of_era // 1_460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    if month == 11:  # February
        year += 1
        length = 365 + (year % 4 == 0 and (year % 100 != 0 or year == 400))
    else:
        length = (153 * (month + 1) + 2) // 5
    return day + length - of_year - 1
