"""Payment terms written in words, and the due dates they give.

The order of the words is the order of the steps (French law accepts both readings, code de
commerce L441-10): "45 days end of month" adds 45 days, then goes to the end of that month; "end of
month 45 days" goes to the end of the month of issue, then adds 45 days.
"""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.ledgers.parsing import fold

_DAYS = (
    r"(?:net )?(?P<days>[0-9]{1,3})(?: ?(?:jours?|jrs?|j|days?|d|tage|t))?"
    r"(?: net(?:s|to)?)?(?: (?:date de )?facture)?"
)
_MONTH_END = r"(?:(?:a )?fin d[eu] mois|fdm|f d m|end of (?:the )?month|eom|month end|monatsende)"
_THE_DAY = r"(?: (?:le|on the|the|am) (?P<day>[0-9]{1,2})(?:e|th|st|nd|rd)?)?"
_CASH = (
    r"(?:a |due (?:on|upon) )?(?:reception|receipt)(?: de facture)?"
    r"|comptant|cash|sofort|immediate(?: payment)?"
)
_DAYS_THEN_END = re.compile(rf"{_DAYS}(?: ?(?P<end>{_MONTH_END}){_THE_DAY})?")
_END_THEN_DAYS = re.compile(rf"{_MONTH_END} (?:plus )?{_DAYS}")


@dataclass(frozen=True)
class PaymentTerms:
    """Days to add, month ends to go to before or after, and a day of the following month."""

    days: int
    end_before: bool = False
    end_after: bool = False
    day: int = 0


def parse_terms(text: str) -> PaymentTerms | None:
    """The terms that `text` says in French or English (a bare number is days), None if unknown.

    >>> parse_terms("45 jours fin de mois")
    PaymentTerms(days=45, end_before=False, end_after=True, day=0)
    >>> parse_terms("30 days end of month, the 10th").day
    10
    """
    words = "" if text.lstrip().startswith("-") else fold(text)
    if re.fullmatch(_CASH, words):
        return PaymentTerms(0)
    if found := _END_THEN_DAYS.fullmatch(words):
        return PaymentTerms(int(found["days"]), end_before=True)
    if found := _DAYS_THEN_END.fullmatch(words):
        return PaymentTerms(
            int(found["days"]), end_after=found["end"] is not None, day=int(found["day"] or 0)
        )
    return None


def due_dates(base: NDArray[np.datetime64], terms: pa.Array) -> NDArray[np.datetime64]:
    """Due dates (datetime64[D]) of invoices with these terms counted from `base`; NaT where the
    base or the terms are missing or unknown.

    >>> due_dates(np.array(["2024-01-15"], "datetime64[D]"), pa.array(["45 jours fin de mois"]))
    array(['2024-02-29'], dtype='datetime64[D]')
    """
    coded = terms.dictionary_encode()
    known = [parse_terms(text) for text in coded.dictionary.to_pylist()]
    steps = np.array(
        [(t.days, t.end_before, t.end_after, t.day) if t else (-1, 0, 0, 0) for t in (*known, None)]
    )
    days, end_before, end_after, day = steps[coded.indices.fill_null(-1).to_numpy()].T
    due = base.astype("datetime64[D]")
    due = np.where(end_before, _month_end(due), due) + days
    due = np.where(end_after, _month_end(due), due) + day
    return np.where(days < 0, np.datetime64("NaT"), due)


def _month_end(date: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    return (date.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
