"""The longest payment terms French law allows (article L. 441-10 of the commercial code).

Any one of three readings makes terms lawful: 60 days from the invoice, or 45 days and then the end
of the month, or the end of the month and then 45 days.
"""

from numba import njit

from features.calendar import month_end

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
