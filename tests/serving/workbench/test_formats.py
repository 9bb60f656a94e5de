"""Numbers and days as each language writes them."""

from datetime import date
from math import nan

from serving.workbench.formats import Formats

EN, FR = Formats("en"), Formats("fr")


def test_each_language_writes_numbers_its_own_way() -> None:
    assert EN.number(-1234567.891, 2) == "−1,234,567.89"
    assert FR.number(-1234567.891, 2) == "−1\u202f234\u202f567,89"
    assert (EN.money(1250.4, "EUR"), FR.money(1250.4, "EUR")) == (
        "1,250\u00a0EUR",
        "1\u202f250\u00a0EUR",
    )
    assert (EN.percent(0.0231), FR.percent(0.0231)) == ("2.31\u00a0%", "2,31\u00a0%")
    assert (EN.signed(2.0, 1), EN.signed(-2.0, 1), EN.signed(-0.01, 1)) == ("+2.0", "−2.0", "0.0")
    assert (EN.points(0.012), FR.points(0.012)) == ("+1.20\u00a0pt", "+1,20\u00a0pt")
    assert (EN.compact(12_345_678), FR.compact(12_345_678)) == ("12.3M", "12,3\u00a0M")


def test_each_language_writes_days_its_own_way() -> None:
    assert (EN.day("2025-06-30"), FR.day(date(2025, 6, 30))) == ("30 Jun 2025", "30 juin 2025")
    assert (EN.month(date(2025, 2, 1)), FR.month(date(2025, 2, 1))) == ("Feb 2025", "févr. 2025")
    assert EN.moment("2025-06-30T08:05:59.1+00:00") == "30 Jun 2025, 08:05"


def test_what_is_not_known_is_a_dash() -> None:
    assert {
        EN.number(None),
        EN.number(nan),
        EN.percent(None),
        EN.money(None, "EUR"),
        EN.day(None),
    } == {"—"}


def test_sentences_of_the_engine_group_thousands_as_the_reader_does() -> None:
    told = "covers the 1 063 612 then needed in 30 days, 12 345 or 2024 12"
    assert EN.grouped(told) == "covers the 1,063,612 then needed in 30 days, 12,345 or 2024 12"
    assert FR.grouped("besoin de 63 612") == "besoin de 63\u202f612"
