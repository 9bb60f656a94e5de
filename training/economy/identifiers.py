"""Invented identifiers of firms, well formed: searches by VAT number or SIREN can be shown."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

FIRST = 900_000_000  # SIREN beyond those that INSEE has given out, less the check digit
NO_VAT = "US"
SIGNS = 9


def siren(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number of nine digits for each firm, its last one right by Luhn's rule.

    >>> siren(np.array([0, 1])).tolist()
    [900000001, 900000019]
    """
    stem = FIRST + 10 * numbers
    digits = stem[:, None] // 10 ** np.arange(SIGNS) % 10
    doubled = digits * np.where(np.arange(SIGNS) % 2, 2, 1)
    return stem + -(doubled // 10 + doubled % 10).sum(axis=1) % 10


def identifiers(country: pa.Array, numbers: NDArray[np.int64]) -> tuple[pa.Array, pa.Array]:
    """Registration number and VAT number of each firm; the United States have no VAT."""
    code = siren(numbers)
    french = pc.equal(country, "FR")
    key = pa.array((12 + 3 * (code % 97)) % 97).cast(pa.string())
    registered = pa.array(code).cast(pa.string())
    check = pc.if_else(french, pc.utf8_lpad(key, 2, "0"), "")
    vat = pc.binary_join_element_wise(country, check, registered, "")
    return registered, pc.if_else(pc.equal(country, NO_VAT), pa.scalar(None, pa.string()), vat)
