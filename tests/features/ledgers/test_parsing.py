"""Numbers and flags as exports write them."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.ledgers.parsing import decimal_sign, flags, fold, numbers

CENTS = st.decimals(-(10**9), 10**9, places=2, allow_nan=False)


def read(texts: list[str | None], *style: object) -> list[float | None]:
    return numbers(pa.array(texts, pa.string()), *style).to_pylist()  # type: ignore[arg-type]


def grouped(value: Decimal, thousands: str, decimal: str) -> str:
    return f"{value:,.2f}".replace(",", "T").replace(".", decimal).replace("T", thousands)


@given(st.lists(CENTS), st.sampled_from(["", " ", "\u00a0", "\u202f", ".", "'", "’"]))
def test_french_and_german_numbers_come_back(values: list[Decimal], separator: str) -> None:
    texts = [grouped(value, separator, ",") for value in values]
    assert read(texts, ",", [" ", ".", "'"]) == [float(value) for value in values]


@given(st.lists(CENTS), st.sampled_from(["", ",", "'"]))
def test_english_and_swiss_numbers_come_back(values: list[Decimal], separator: str) -> None:
    texts = [grouped(value, separator, ".") for value in values]
    assert read(texts, ".", [",", "'"]) == [float(value) for value in values]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_machine_numbers_come_back_bit_for_bit(values: list[float]) -> None:
    assert read([repr(value) for value in values]) == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56-", -1234.56),
        ("(1.234,56)", -1234.56),
        ("\u22125,5", -5.5),
        ("+ 5", 5.0),
        (",5", 0.5),
        ("5,", 5.0),
        ("1 234,56 €", 1234.56),
        ("1,23", 1.23),
        ("1.23", None),  # thousands come in threes
        ("1.2345", None),
        ("12 34", None),
        ("1,2,3", None),
        ("--5", None),
        ("nan", None),
        ("inf", None),
        ("1e400", float("inf")),  # read, and refused as not finite
        ("12a", None),
        ("", None),
        (None, None),
    ],
)
def test_one_number(text: str | None, value: float | None) -> None:
    assert read([text], ",", [" ", "."], ["€"]) == [value]


@given(st.lists(CENTS, min_size=1), st.sampled_from([(".", ","), (",", "."), (",", "\u202f")]))
def test_the_decimal_sign_shows_in_the_column(
    values: list[Decimal], signs: tuple[str, str]
) -> None:
    texts = [grouped(value, signs[1], signs[0]) for value in values]
    assert decimal_sign(pa.array(texts)) == signs[0]


def test_the_decimal_sign_is_never_guessed() -> None:
    assert decimal_sign(pa.array(["1.234", "12", "5.678"])) is None
    assert decimal_sign(pa.array(["1,5", "1.5"])) is None
    assert decimal_sign(pa.array(["1.234.567"])) == ","
    assert decimal_sign(pa.array(["0.125", "1,234"])) == "."
    assert read(["1.234", "12"], None) == [None, 12.0]


def test_flags_in_words() -> None:
    words = pa.array(["oui", "NO", "X", "0", "peut-être", None])
    assert flags(words).to_pylist() == [True, False, True, False, None, None]


def test_words_are_compared_without_case_accents_and_punctuation() -> None:
    assert fold("  N°\u00a0PIÈCE. ") == fold("n° piece")
    assert fold("€") == "€"
