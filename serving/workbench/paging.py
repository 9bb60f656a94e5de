"""Pages of a list, counted from 1."""

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Pages:
    """Page `number` of `count`; its rows come after the first `start` of `total`."""

    number: int
    count: int
    start: int
    total: int

    @classmethod
    def of(cls, total: int, number: int, size: int) -> Self:
        """The page asked for, or the nearest there is.

        >>> Pages.of(101, 9, 50)
        Pages(number=3, count=3, start=100, total=101)
        """
        count = max(-(-total // size), 1)
        here = min(max(number, 1), count)
        return cls(here, count, (here - 1) * size, total)


def page_number(text: str) -> int:
    """The page that an address names; the first where it names none.

    >>> page_number("3"), page_number("x"), page_number("²")
    (3, 1, 1)
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
