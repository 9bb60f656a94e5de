"""Invented identifiers are well formed, and no two firms share one."""

import numpy as np
import pyarrow as pa

from training.economy.identifiers import identifiers, siren


def luhn(number: int) -> int:
    digits = [int(digit) for digit in reversed(str(number))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10


def test_every_siren_has_nine_digits_and_the_right_last_one() -> None:
    numbers = siren(np.arange(3_000))
    assert len(set(numbers.tolist())) == 3_000
    assert all(len(str(number)) == 9 and luhn(number) == 0 for number in numbers.tolist())
    assert luhn(404833048) == 0  # a real one, by the same rule


def test_a_vat_number_has_its_country_and_in_france_its_key() -> None:
    country = pa.array(["FR", "DE", "US"])
    registered, vat = identifiers(country, np.array([404833048 % 9, 1, 2]))
    first, second, third = zip(registered.to_pylist(), vat.to_pylist(), strict=True)
    assert first[1] == f"FR{(12 + 3 * (int(first[0]) % 97)) % 97:02}{first[0]}"
    assert second[1] == f"DE{second[0]}"
    assert third[1] is None
