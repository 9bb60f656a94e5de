"""Text to numbers and flags, whole columns at a time; what cannot be read becomes null.

Thousands come in threes: where the comma separates them, "1,23" is refused, not read as 123.
"""

import re
from collections.abc import Sequence
from unicodedata import combining, normalize

import pyarrow as pa
import pyarrow.compute as pc

_TRUE = ("1", "true", "yes", "y", "oui", "o", "x", "vrai", "ja")
_FALSE = ("0", "false", "no", "n", "non", "faux", "nein")


def fold(text: str) -> str:
    """Lower case without accents, the words one space apart: how headers and words are compared.

    >>> fold(" N°\\u00a0Pièce ")
    'n piece'
    """
    plain = "".join(c for c in normalize("NFKD", text.casefold()) if not combining(c))
    return " ".join(re.findall(r"[^\W_]+", plain)) or plain.strip()


def plain_spaces(text: pa.Array) -> pa.Array:
    """Spaces of any width as plain ones."""
    return pc.replace_substring_regex(text, "[\u00a0\u2007\u2009\u202f]", " ")


def numbers(
    text: pa.Array,
    decimal: str | None = ".",
    thousands: Sequence[str] = (),
    symbols: Sequence[str] = (),
) -> pa.Array:
    """Numbers (float64) from text: signs before or after, parentheses for negative, exponents.

    `thousands` signs stand for all their kin (any space, any apostrophe); `symbols` such as "€" are
    left out; where `decimal` is None only whole numbers are read.

    >>> numbers(pa.array(["1\\u202f234,50", "12,00-", "(3)", "1.5"]), ",", [" "]).to_pylist()
    [1234.5, -12.0, -3.0, None]
    """
    for symbol in symbols:
        text = pc.replace_substring(text, symbol, "")
    text = pc.utf8_trim_whitespace(plain_spaces(text))
    text = pc.replace_substring_regex(text, "[’ʼ`]", "'")
    text = pc.replace_substring(text, "\u2212", "-")
    group = "[" + "".join(re.escape(sign) for sign in thousands if sign != " ")
    group += " ]" if " " in thousands else "]"
    whole = f"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+|[0-9]+" if thousands else "[0-9]+"
    point = None if decimal is None else re.escape(decimal)
    size = f"(?:{whole})" if point is None else f"(?:(?:{whole})(?:{point}[0-9]*)?|{point}[0-9]+)"
    size += "(?:[eE][+-]?[0-9]+)?"
    valid = pc.match_substring_regex(text, rf"^(?:[+-]? ?{size}|{size} ?-|\( ?{size} ?\))$")
    text = pc.if_else(valid, text, pa.scalar(None, pa.string()))
    negative = pc.match_substring_regex(text, r"^[-(]|-$")
    text = pc.replace_substring_regex(text, r"^[-+(] ?| ?[-)]$", "")
    if thousands:
        text = pc.replace_substring_regex(text, group, "")
    if decimal is not None:
        text = pc.replace_substring(text, decimal, ".")
    magnitude = text.cast(pa.float64())
    return pc.if_else(negative, pc.negate(magnitude), magnitude)


def decimal_sign(text: pa.Array) -> str | None:
    """The sign before the decimals of a column, "." or ",", as most of its values show; None where
    nothing tells ("1.234" may be either).

    >>> decimal_sign(pa.array(["1.234", "1.234,5", "12"])), decimal_sign(pa.array(["1.234"]))
    (',', None)
    """
    shown = {
        point: pc.sum(
            pc.match_substring_regex(
                text,
                rf"[{point}](?:[0-9]{{1,2}}|[0-9]{{4,}})?[^0-9.,]*$|[{group}][0-9]{{3}}[{point}]"
                rf"|[{group}][0-9]{{3}}[{group}]|[0-9]{{4}}[{point}]|^[^0-9]*0[{point}]",
            )
        ).as_py()
        or 0
        for point, group in ((".", ","), (",", "."))
    }
    if shown["."] == shown[","]:
        return None
    return max(shown, key=lambda point: shown[point])


def flags(text: pa.Array) -> pa.Array:
    """Booleans from text: yes, oui, x, 1, true … and their opposites."""
    word = pc.utf8_lower(text)
    true, false = (pc.is_in(word, pa.array(words)) for words in (_TRUE, _FALSE))
    return pc.if_else(pc.or_(true, false), true, pa.scalar(None, pa.bool_()))
