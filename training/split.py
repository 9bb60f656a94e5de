"""Splits: training, calibration and test slices, apart in time, and in buyers where asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from features.calendar import day_number
from models.label import LabelRule
from training.config import SplitRule


@dataclass(frozen=True)
class Slices:
    """Which rows belong to each slice; a row in the embargo belongs to none."""

    train: NDArray[np.bool]
    calibrate: NDArray[np.bool]
    test: NDArray[np.bool]

    def items(self) -> tuple[tuple[str, NDArray[np.bool]], ...]:
        """Name and rows of each slice, in order of time."""
        return ("train", self.train), ("calibrate", self.calibrate), ("test", self.test)

    def of(self, rows: NDArray[np.bool]) -> "Slices":
        """The slices among `rows` alone."""
        return Slices(self.train[rows], self.calibrate[rows], self.test[rows])


def split(
    as_of: NDArray[np.int32], place: NDArray[np.float64], rule: SplitRule, label: LabelRule
) -> Slices:
    """Slices of the rows. Each slice begins when every label of the one before could be known:
    one horizon, plus the reporting lag, after its last as_of_date. `place` is the `hash_share` of
    each row's buyer; it counts where the rule also keeps buyers apart."""
    train = as_of <= day_number(rule.train_until)
    calibrate = _between(as_of, rule.train_until + label.window, rule.calibrate_until)
    test = _between(as_of, rule.calibrate_until + label.window, rule.test_until)
    if rule.buyer_shares is None:
        return Slices(train, calibrate, test)
    first, second = np.cumsum(rule.buyer_shares)[:2]
    return Slices(
        train & (place < first),
        calibrate & (first <= place) & (place < second),
        test & (second <= place),
    )


def _between(as_of: NDArray[np.int32], first: date, last: date) -> NDArray[np.bool]:
    return (as_of >= day_number(first)) & (as_of <= day_number(last))


def hash_share(buyer_ids: Iterable[str], salt: str) -> NDArray[np.float64]:
    """A number in [0, 1) for each buyer, the same whoever else is in the portfolio."""
    digests = (blake2b(f"{salt}/{b}".encode(), digest_size=6).digest() for b in buyer_ids)
    return np.array([int.from_bytes(d, "big") / 2**48 for d in digests])
