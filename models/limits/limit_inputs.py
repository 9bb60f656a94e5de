"""What the limit engine reads of each buyer, checked at the door."""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import NamedTuple, Self

import numpy as np
from numba import njit
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
        for name in Columns._fields:
            kind = np.int64 if name == "as_of" else np.float64
            object.__setattr__(self, name, compilable(getattr(self, name), kind))
        for name, least, most, unknown, remedy in BOUNDS:
            column = getattr(self, name)
            row = _out_of(column, least, most, unknown)
            if row >= 0:
                raise ValueError(f"{name} is {column[row]} in row {row}; give one {remedy}")

    def __len__(self) -> int:
        return next((rows for rows in map(len, vars(self).values()) if rows != 1), 1)

    def changed(self, **columns: Floats) -> Self:
        """A copy with other numbers, which are known to be right: nothing is checked again."""
        copy = object.__new__(type(self))
        vars(copy).update(vars(self), **{n: compilable(column) for n, column in columns.items()})
        return copy

    @property
    def numbers(self) -> "Columns":
        """The columns of numbers, which are as compiled code reads them."""
        return Columns(*_numbers(self))


class Columns(NamedTuple):
    """The columns of LimitInputs that hold numbers, (n,) or (1,); see there."""

    default_probability: Floats
    as_of: Ints
    net_worth: Floats
    turnover: Floats
    accounts_age_months: Floats
    purchases: Floats
    terms_days: Floats
    delay_days: Floats
    pre_delivery: Floats
    requested_amount: Floats
    guarantee_amount: Floats
    retention_of_title: Floats
    surety: Floats
    senior: Floats
    insolvency_open: Floats
    in_default: Floats
    group_headroom: Floats
    held_limit: Floats
    country_grade: Floats


_numbers = attrgetter(*Columns._fields)

# name, least, most, whether NaN is for unknown; remedy
BOUNDS = (
    ("default_probability", 0.0, 1.0, True, "between 0 and 1"),
    ("requested_amount", np.nextafter(0, 1), np.inf, True, "above 0, or NaN for none"),
    ("pre_delivery", 0.0, np.inf, False, "of 0 or more"),
    ("guarantee_amount", 0.0, np.inf, False, "of 0 or more"),
)


def compilable(column: NDArray, kind: type = np.float64) -> NDArray:
    """A column in the one layout that kernels are compiled for."""
    column = np.ascontiguousarray(column, kind)
    return column if column.flags.writeable else column.copy()


@njit(cache=True, nogil=True, forceinline=True)
def _out_of(column: Floats, least: float, most: float, unknown: bool) -> int:
    """The first row that is not within bounds, -1 where all are."""
    for row in range(len(column)):
        if not (least <= column[row] <= most or (unknown and np.isnan(column[row]))):
            return row
    return -1
