"""The language of a page: chosen by its reader, else asked by the browser; its catalogue of words.

Catalogues are gettext's: `catalogues/fr/LC_MESSAGES/workbench.po`, compiled when first read. The
words in templates and code are English and stand for themselves. `make words` brings the
catalogues up to the templates; a test names what is not translated yet.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from starlette.requests import Request

from models.explanation import LANGUAGES, Language

CATALOGUES = Path(__file__).with_name("catalogues")
COOKIE = "language"
NAMES: dict[Language, str] = {"en": "English", "fr": "Français"}
LOCALES: dict[Language, Locale] = {"en": Locale("en", "GB"), "fr": Locale("fr", "FR")}


def language_of(request: Request) -> Language:
    """The language the reader chose, else the best of those its browser asks for."""
    chosen = request.cookies.get(COOKIE)
    asked = [chosen] if chosen in LANGUAGES else _accepted(request)
    found = negotiate_locale(asked, LANGUAGES, sep="-")
    return next((language for language in LANGUAGES if language == found), "en")


def _accepted(request: Request) -> list[str]:
    """The languages of the Accept-Language header, best first."""
    weighed = []
    for part in request.headers.get("accept-language", "").split(","):
        name, _, quality = part.partition(";q=")
        try:
            weighed.append((-float(quality or 1), name.strip()))
        except ValueError:
            continue
    return [name for _, name in sorted(weighed, key=lambda pair: pair[0])]


@cache
def catalogue(language: Language) -> NullTranslations:
    """The words of a language; English ones are their own translation."""
    if language == "en":
        return NullTranslations()
    path = CATALOGUES / language / "LC_MESSAGES" / "workbench.po"
    with path.open("rb") as file:
        words = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, words)
    compiled.seek(0)
    return GNUTranslations(compiled)
