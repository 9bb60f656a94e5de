import datetime as dt

import numpy as np
import pyarrow as pa
import pytest

from features.currency import rates
from features.facts import Facts

CURRENCIES = np.array(["USD", "EUR", "GBP", "CHF"])


def facts(currency: str, *quotes: tuple[str, str, float]) -> Facts:
    names, days, values = zip(*quotes, strict=True) if quotes else ((), (), ())
    return Facts.of(
        {
            "buyers": pa.table({"buyer_id": ["a"], "country": ["FR"]}),
            "fx": pa.table(
                {
                    "currency": pa.array(names, pa.string()),
                    "quoted_on": pa.array([dt.date.fromisoformat(d) for d in days], pa.date32()),
                    "rate": pa.array(values, pa.float64()),
                }
            ),
        },
        currency,
    )


def days(*dates: str) -> np.ndarray:
    return np.array(dates, "datetime64[D]").astype(np.int32)


QUOTES = (("USD", "2020-01-01", 0.9), ("GBP", "2020-01-01", 1.2), ("USD", "2021-01-01", 0.8))


def test_the_latest_quote_known_on_the_day_counts():
    got = rates(facts("EUR", *QUOTES), CURRENCIES, days("2019-12-31", "2020-12-31", "2021-01-01"))
    expected = [
        [np.nan, 1, np.nan, np.nan, 1],
        [0.9, 1, 1.2, np.nan, 1],
        [0.8, 1, 1.2, np.nan, 1],
    ]
    np.testing.assert_array_equal(got, expected)


def test_rates_cross_through_the_euro():
    got = rates(facts("USD", *QUOTES), CURRENCIES, days("2020-12-31"))
    np.testing.assert_allclose(got, [[1, 1 / 0.9, 1.2 / 0.9, np.nan, 1]])


def test_without_quotes_only_the_facts_currency_and_null_have_a_rate():
    got = rates(facts("EUR"), CURRENCIES, days("2020-12-31"))
    np.testing.assert_array_equal(got, [[np.nan, 1, np.nan, np.nan, 1]])


def test_a_later_quote_changes_nothing():
    later = (*QUOTES, ("USD", "2022-01-01", 0.5))
    on = days("2021-12-31", "2020-05-05")
    np.testing.assert_array_equal(
        rates(facts("EUR", *QUOTES), CURRENCIES, on), rates(facts("EUR", *later), CURRENCIES, on)
    )


@pytest.mark.parametrize("quote", [0.0, -1.0, np.nan])
def test_a_quote_that_is_no_price_is_no_rate(quote):
    got = rates(facts("EUR", ("USD", "2020-01-01", quote)), CURRENCIES, days("2020-12-31"))
    assert np.isnan(got[0, 0])
