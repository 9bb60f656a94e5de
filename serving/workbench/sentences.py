"""Sentences that other rooms write in English, in the reader's language.

Problems, reasons why a row was refused, checks of a validation are composed where they arise, for
machines and people alike. `catalogues/LANGUAGE/LC_MESSAGES/sentences.po` holds them as patterns; in
English those alone that a library words for programmers. What varies is `%(name)s` in both
languages, may be a sentence itself, and is written with the reader's numbers. The pattern that says
most is tried first; what none fits stays English.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from babel.messages.pofile import read_po

from models.explanation import Language
from serving.workbench.formats import formats
from serving.workbench.language import CATALOGUES

_HOLE = re.compile(r"%\\\((\w+)\\\)s")  # as re.escape leaves it
_NUMBER = re.compile(r"(?<![\w.,-])[+-]?\d+(?:,\d{3})*(?:\.\d+)?(?:e-?\d+)?(?:\s?%|(?!\w|[-,.]\d))")
_BETWEEN = re.compile(r"(\d), (?=[+-]?[\d.]+\])")  # the ends of an interval


class Pattern(NamedTuple):
    """One sentence: what it looks like in English, and its translation with the same holes."""

    english: re.Pattern[str]
    translation: str


@lru_cache(maxsize=4096)
def translated(text: str, language: Language) -> str | None:
    """`text` in a language; None where no pattern fits.

    >>> translated("Input should be less than or equal to 1,365", "fr")
    'donnez 1\u202f365 au plus'
    >>> translated("none of our sentences", "fr") is None
    True
    """
    if "\n" in text:
        return "\n".join(said(line, language) for line in text.split("\n"))
    for pattern in _patterns(language):
        if found := pattern.english.fullmatch(text):
            parts = {name: said(part, language) for name, part in found.groupdict().items()}
            return pattern.translation % parts
    return None


def said(text: str, language: Language) -> str:
    """`text` in a language as far as it is known, its numbers as the reader writes them."""
    known = translated(text, language)
    if known is not None or language == "en":
        return known or text
    apart = _BETWEEN.sub(r"\1 ; ", text)
    return _NUMBER.sub(lambda number: formats(language).rewritten(number[0]), apart)


@cache
def _patterns(language: Language) -> list[Pattern]:
    path = CATALOGUES / language / "LC_MESSAGES" / "sentences.po"
    with path.open("rb") as file:
        sentences = read_po(file, locale=language, abort_invalid=True)
    pairs = [(str(one.id), str(one.string)) for one in sentences if one.id]
    return [
        Pattern(re.compile(_HOLE.sub(r"(?P<\1>.+?)", re.escape(english))), translation)
        for english, translation in sorted(pairs, key=lambda pair: -_words(pair[0]))
    ]


def _words(text: str) -> int:
    """Letters of a sentence beside its holes."""
    return len(_HOLE.sub("", re.escape(text)))
