"""Payment terms written in words, and the due dates they give.

The order of the words is the order of the steps (French law accepts both readings, code de
commerce L441-10): "45 days end of month" adds 45 days, then goes to the end of that month; "end of
month 45 days" goes to the end of the month of issue, then adds 45 days. A discount for paying early
("2/10 net 30") does not move the due date.
"""

import re
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.ledgers.parsing import fold

# What an expression means, in the order they are looked for: D days, M months, E the end of the
# month, F that of the following month, "" nothing.
_MEANINGS = (
    (r".* (?:skonto|escompte|sconto|discount)(?: de \d+)?", ""),
    (r"^\d{1,2}(?: \d{1,2})? \d{1,3} (?=n(?:et|t)? )", ""),  # 2/10 net 30
    (r"(?:the )?end of (?:the )?(?:following|next) month|fin du mois suivant", "F"),
    (r"(?:the )?end of (?:the )?month|month end|eom|monatsende|ultimo", "E"),
    (r"d f f m|fine mese|fin de mes|fin d[eu] mois|f d m|fdm|fm", "E"),
    (r"(?:from |from the |ab |date de |data |date )?(?:invoice|facture|fattura|rechnung)", ""),
    (r"(?:invoice |fecha |rechnungs)?(?:date|datum|factura)|d f", ""),
    (r"jours?|jrs?|j|days?|d|tagen?|t|giorni|gg|dias?", "D"),
    (r"mois|months?|monate?n?|mesi|mese|mes(?:es)?", "M"),
    (r"n|nt|net|nets|netto|neto|plus|due|payable|zahlbar|within|innerhalb|in|von|a", ""),
    (r"calendaires|calendar|virement|cheque|traite|transfer|terms|delai|paiement", ""),
)
_CASH = re.compile(
    r"(?:a |due (?:on|upon) )?(?:reception|receipt)(?: de facture)?|(?:au )?comptant|contado"
    r"|cash(?: (?:on delivery|in advance|before delivery))?|cod|cia|cbd|prepay(?:ment|aid)?|prepaid"
    r"|(?:payment in )?advance|sofort(?: fallig)?|vorkasse|immediate(?:ly)?(?: payment)?|anticipato"
)
_THE_DAY = r"(?: (?:le|on the|the|am) (?P<day>\d{1,2}))?"
_AFTER = r"\d{1,3}) D (?:after|apres|nach) "
_STEPS = tuple(
    map(
        re.compile,
        (
            rf"(?P<days>\d{{1,3}})(?: D)?(?:(?P<after> E){_THE_DAY})?",
            rf"(?P<months>\d{{1,2}}) M(?:(?P<after> E){_THE_DAY})?",
            rf"(?P<after>E){_THE_DAY}",
            r"(?P<before>E) (?P<days>\d{1,3})(?: D)?",
            rf"(?P<days>{_AFTER}(?P<before>E)",
            rf"(?:(?P<day>{_AFTER})?(?P<following>F)",
        ),
    )
)


@dataclass(frozen=True)
class PaymentTerms:
    """Months and days to add, month ends to go to before or after, and days after that."""

    days: int
    end_before: bool = False
    end_after: bool = False
    day: int = 0
    months: int = 0


def parse_terms(text: str) -> PaymentTerms | None:
    """The terms that `text` says in English, French, German, Italian or Spanish (a bare number is
    days), None if unknown.

    >>> parse_terms("45 jours fin de mois")
    PaymentTerms(days=45, end_before=False, end_after=True, day=0, months=0)
    >>> parse_terms("30 days end of month, the 10th").day, parse_terms("2/10 net 30").days
    (10, 30)
    """
    words = "" if text.lstrip().startswith("-") else fold(text)
    if _CASH.fullmatch(words):
        return PaymentTerms(0)
    words = _in_signs(words)
    found = next((match for step in _STEPS if (match := step.fullmatch(words))), None)
    if found is None:
        return None
    said = found.groupdict()
    following = said.get("following") is not None  # the end of this month, a day, and the end again
    return PaymentTerms(
        int(said.get("days") or following),
        end_before=said.get("before") is not None or following,
        end_after=said.get("after") is not None or following,
        day=int(said.get("day") or 0),
        months=int(said.get("months") or 0),
    )


def _in_signs(words: str) -> str:
    """Folded words with each expression as the sign of its meaning.

    >>> _in_signs("net 30 jours fin de mois")
    '30 D E'
    """
    words = re.sub(r"(?<=\d)(?:er|e|th|st|nd|rd)\b", "", words)
    words = re.sub(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)", " ", words)  # 45FDM, NET30
    words = re.sub(r"\bj ?fm\b|\bj ?fdm\b", "j fm", words)
    for expression, sign in _MEANINGS:
        anchored = expression if expression.startswith("^") else rf"\b(?:{expression})\b"
        words = " ".join(re.sub(anchored, sign, words).split())
    return words


def due_dates(base: NDArray[np.datetime64], terms: pa.Array) -> NDArray[np.datetime64]:
    """Due dates (datetime64[D]) of invoices with these terms counted from `base`; NaT where the
    base or the terms are missing or unknown.

    >>> due_dates(np.array(["2024-01-15"], "datetime64[D]"), pa.array(["45 jours fin de mois"]))
    array(['2024-02-29'], dtype='datetime64[D]')
    """
    coded = terms.dictionary_encode()
    known = [parse_terms(text) for text in coded.dictionary.to_pylist()]
    steps = np.array(
        [
            (t.months, t.days, t.end_before, t.end_after, t.day) if t else (0, -1, 0, 0, 0)
            for t in (*known, None)
        ]
    )
    months, days, end_before, end_after, day = steps[coded.indices.fill_null(-1).to_numpy()].T
    due = _months_later(base.astype("datetime64[D]"), months)
    due = np.where(end_before, _month_end(due), due) + days
    due = np.where(end_after, _month_end(due), due) + day
    return np.where(days < 0, np.datetime64("NaT"), due)


def _months_later(
    date: NDArray[np.datetime64], months: NDArray[np.int64]
) -> NDArray[np.datetime64]:
    """The same day that many months later, or the last of its month where it has no such day."""
    month = date.astype("datetime64[M]")
    same_day = (month + months).astype("datetime64[D]") + (date - month.astype("datetime64[D]"))
    return np.minimum(same_day, _month_end((month + months).astype("datetime64[D]")))


def _month_end(date: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    return (date.astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
