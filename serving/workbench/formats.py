"""Numbers, amounts and days as a reader of each language writes them."""

import re
from datetime import date, datetime
from functools import cache
from math import isfinite

from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_compact_decimal,
    get_decimal_symbol,
    get_group_symbol,
)

from models.explanation import Language
from serving.workbench.language import LOCALES

NOTHING = "—"  # not known, or does not apply
_MINUS = re.compile(r"(?<!\w)-(?=\d)")
_GROUPED = re.compile(r"(?<=\d) (?=\d{3}(?!\d))")


class Formats:
    """The filters of the templates, in one language.

    >>> english, french = Formats("en"), Formats("fr")
    >>> english.number(1250000.4), english.percent(0.0231), english.day("2025-06-30")
    ('1,250,000', '2.31\xa0%', '30 Jun 2025')
    >>> french.number(0.5, 1), french.day("2025-06-30")
    ('0,5', '30 juin 2025')
    """

    def __init__(self, language: Language) -> None:
        self.locale = LOCALES[language]
        self._group = get_group_symbol(self.locale)
        signs = {",": self._group, ".": get_decimal_symbol(self.locale), "-": "−"}
        self._signs = {ord(sign): written for sign, written in signs.items()}

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with so many decimals."""
        if value is None or not isfinite(value):
            return NOTHING
        # Not babel's format_decimal, which takes ten times as long: a page holds hundreds.
        return f"{round(value, digits) + 0.0:,.{digits}f}".translate(self._signs)

    def signed(self, value: float | None, digits: int = 0) -> str:
        """A number that shows its sign, a rise as well as a fall."""
        text = self.number(value, digits)
        return f"+{text}" if value is not None and round(value, digits) > 0 else text

    def money(self, value: float | None, currency: str = "") -> str:
        """An amount in whole units of its currency."""
        text = self.number(value)
        return f"{text}\u00a0{currency}" if currency and text != NOTHING else text

    def compact(self, value: float | None) -> str:
        """An amount in thousands or millions, for charts."""
        if value is None or not isfinite(value):
            return NOTHING
        if abs(value) < 1000:  # babel would write every decimal
            return self.number(value)
        return format_compact_decimal(value, locale=self.locale, fraction_digits=1)

    def percent(self, value: float | None, digits: int = 2) -> str:
        """A share as a percentage."""
        text = self.number(None if value is None else 100 * value, digits)
        return text if text == NOTHING else f"{text}\u00a0%"

    def points(self, value: float) -> str:
        """A difference of two shares, in percentage points."""
        return f"{self.signed(100 * value, 2)}\u00a0pt"

    def day(self, value: date | str | None) -> str:
        """A day, given as a date or in ISO 8601."""
        if not value:
            return NOTHING
        given = date.fromisoformat(value[:10]) if isinstance(value, str) else value
        return format_date(given, "medium", self.locale)

    def month(self, value: date) -> str:
        """The month of a day, short."""
        return format_date(value, "MMM yyyy", self.locale)

    def moment(self, value: str) -> str:
        """A moment in UTC, given in ISO 8601, to the minute."""
        return format_datetime(
            datetime.fromisoformat(value), "d MMM yyyy, HH:mm", locale=self.locale
        )

    def rewritten(self, number: str) -> str:
        """A number written the English way (1,234.5 or 12.3%), as the reader writes it."""
        return re.sub(r"\s?%", "\u00a0%", number.translate(self._signs))

    def grouped(self, text: str) -> str:
        """A sentence of the engine with thousands and minus signs as the reader writes them."""
        return _MINUS.sub("−", _GROUPED.sub(self._group, text))


@cache
def formats(language: Language) -> Formats:
    """The formats of a language."""
    return Formats(language)
