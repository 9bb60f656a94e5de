"""What the limit engine reads of each buyer, checked at the door."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


UNKNOWN, NONE, NO_CODE = np.array([np.nan]), np.zeros(1), np.array([""])


def _unknown() -> Floats:
    return UNKNOWN


def _none() -> Floats:
    return NONE


def _no_code() -> NDArray[np.str_]:
    return NO_CODE


@dataclass(frozen=True)
class LimitInputs:
    """What the engine reads of each buyer: columns of shape (n,), or (1,) where all rows share one
    value. Amounts are in the policy's currency, NaN where unknown; flags are 0 or 1.

    `as_of` is in days since 1970-01-01. `purchases` are those of twelve months including VAT,
    `delay_days` the observed days beyond terms, `pre_delivery` the work in progress covered before
    delivery. `requested_amount` stands for the need where it is given. `guarantee_amount` is a
    bank's, on first demand; a `surety` answers without a stated amount. `group_headroom` is what
    the group's cap leaves this buyer, `held_limit` the limit in force where a raise of it has to
    wait, `sector` a NACE code (section letter first).

    Raises ValueError naming the column, the value and its row.
    """

    default_probability: Floats
    as_of: Ints
    net_worth: Floats = field(default_factory=_unknown)
    turnover: Floats = field(default_factory=_unknown)
    accounts_age_months: Floats = field(default_factory=_unknown)
    purchases: Floats = field(default_factory=_unknown)
    terms_days: Floats = field(default_factory=_unknown)
    delay_days: Floats = field(default_factory=_unknown)
    pre_delivery: Floats = field(default_factory=_none)
    requested_amount: Floats = field(default_factory=_unknown)
    guarantee_amount: Floats = field(default_factory=_none)
    retention_of_title: Floats = field(default_factory=_none)
    surety: Floats = field(default_factory=_none)
    senior: Floats = field(default_factory=_none)
    insolvency_open: Floats = field(default_factory=_none)
    in_default: Floats = field(default_factory=_none)
    group_headroom: Floats = field(default_factory=_unknown)
    held_limit: Floats = field(default_factory=_unknown)
    country_grade: Floats = field(default_factory=_unknown)
    country: NDArray[np.str_] = field(default_factory=_no_code)
    sector: NDArray[np.str_] = field(default_factory=_no_code)
    entity_type: NDArray[np.str_] = field(default_factory=_no_code)

    def __post_init__(self) -> None:
        rows = len(self)
        for name, column in vars(self).items():
            if len(column) not in (1, rows):
                raise ValueError(
                    f"{name} has {len(column)} rows where others have {rows}; "
                    "give one a buyer, or one for all"
                )
        self._refuse("default_probability", self.default_probability > 1, "between 0 and 1")
        self._refuse("default_probability", self.default_probability < 0, "between 0 and 1")
        self._refuse("requested_amount", self.requested_amount <= 0, "above 0, or NaN for none")
        for name in ("pre_delivery", "guarantee_amount"):
            self._refuse(name, ~(getattr(self, name) >= 0), "of 0 or more")

    def __len__(self) -> int:
        return next((n for column in vars(self).values() if (n := len(column)) != 1), 1)

    def _refuse(self, name: str, bad: Flags, remedy: str) -> None:
        if bad.any():
            row = int(bad.argmax())
            raise ValueError(
                f"{name} is {getattr(self, name)[row]} in row {row}; give one {remedy}"
            )
