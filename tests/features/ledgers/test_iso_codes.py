"""The code lists are whole: their sizes are those of the standards, their members well formed."""

from features.ledgers.iso_codes import COUNTRIES, CURRENCIES


def test_countries() -> None:
    assert len(COUNTRIES) == 250  # 249 of ISO 3166-1, and Kosovo's XK, as the EU uses it
    assert all(len(code) == 2 and code.isupper() for code in COUNTRIES)
    assert {"FR", "DE", "GB", "US", "CI", "RE"} <= COUNTRIES
    assert not {"UK", "EN", "EU"} & COUNTRIES


def test_currencies() -> None:
    assert all(len(code) == 3 and code.isupper() for code in CURRENCIES)
    assert {"EUR", "USD", "GBP", "CHF", "XOF", "JPY"} <= CURRENCIES
    assert not {"EURO", "FRF", "XXX", "RMB"} & CURRENCIES
