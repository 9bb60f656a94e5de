"""What all buyers of the generated economy share: months, countries, sectors, cycles, rates.

Cycles are stochastic cycles (Harvey 1985: AR(2) with complex roots, a period of five years) in
units of a firm's liquidity: a common one, one of each sector and one of each country. A path is
drawn once, by the seed; truth is conditional on it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

PREHISTORY = 36  # months before the window, so that its first day knows accounts
HORIZON = 12  # months after the window, so that its last snapshot has a truth
CYCLE_MONTHS, CYCLE_DAMPING = 60, 0.985
COMMON_CYCLE, OWN_CYCLE, COUNTRY_CYCLE = 0.15, 0.15, 0.12


class Country(NamedTuple):
    """`risk` is in log-odds of default, `terms` the usual payment terms in days, `habit` usual days
    late, `confidential` the share of small firms that may hide their profit and loss account."""

    code: str
    weight: float
    currency: str
    risk: float
    terms: int
    habit: float
    confidential: float


class Sector(NamedTuple):
    """A NACE section. `risk` is in log-odds of default; `cyclical` scales its cycles."""

    section: str
    divisions: tuple[str, ...]
    weight: float
    risk: float
    cyclical: float
    revenue_per_head: float  # thousand euros
    ebitda_margin: float
    asset_turnover: float
    inventory_share: float  # of current assets


COUNTRIES = (
    Country("FR", 0.26, "EUR", 0.0, 45, 2.0, 0.5),
    Country("DE", 0.18, "EUR", -0.3, 30, 0.5, 0.5),
    Country("IT", 0.12, "EUR", 0.3, 60, 3.0, 0.1),
    Country("ES", 0.10, "EUR", 0.3, 60, 3.0, 0.1),
    Country("GB", 0.10, "GBP", 0.0, 30, 2.0, 0.6),
    Country("US", 0.06, "USD", 0.0, 30, 1.0, 0.8),
    Country("NL", 0.05, "EUR", -0.3, 30, 1.0, 0.6),
    Country("BE", 0.05, "EUR", 0.0, 30, 1.5, 0.5),
    Country("PL", 0.03, "PLN", 0.6, 45, 3.0, 0.2),
    Country("CH", 0.02, "CHF", -0.6, 30, 0.5, 0.9),
    Country("PT", 0.02, "EUR", 0.3, 60, 3.5, 0.1),
    Country("SE", 0.01, "SEK", -0.3, 30, 0.0, 0.0),
)
SECTORS = (
    Sector("A", ("A01", "A02"), 0.03, -0.5, 0.4, 160, 0.12, 0.6, 0.35),
    Sector("C", ("C10", "C13", "C22", "C25", "C28"), 0.22, 0.0, 1.1, 210, 0.09, 1.1, 0.40),
    Sector("F", ("F41", "F42", "F43"), 0.17, 0.5, 1.4, 150, 0.06, 1.4, 0.20),
    Sector("G", ("G45", "G46", "G47"), 0.26, 0.1, 0.9, 380, 0.05, 1.9, 0.50),
    Sector("H", ("H49", "H52"), 0.08, 0.2, 1.1, 140, 0.08, 1.3, 0.05),
    Sector("I", ("I55", "I56"), 0.06, 0.6, 1.3, 70, 0.08, 1.0, 0.10),
    Sector("J", ("J62", "J63"), 0.07, -0.3, 0.7, 170, 0.12, 1.2, 0.05),
    Sector("M", ("M70", "M71", "M73"), 0.06, -0.2, 0.8, 120, 0.11, 1.2, 0.05),
    Sector("N", ("N78", "N81", "N82"), 0.05, 0.2, 1.0, 60, 0.06, 1.5, 0.05),
)
EUROS = {
    "GBP": 1.17,
    "USD": 0.92,
    "CHF": 1.03,
    "PLN": 0.23,
    "SEK": 0.088,
}  # around which rates move


@dataclass(frozen=True)
class Calendar:
    """Months counted from 0: prehistory, the window `opening..closing`, and the horizon after."""

    starts: NDArray[np.int32]  # first day of each month, and of the one after the last
    opening: int
    closing: int

    @classmethod
    def until(cls, end: date, years: int) -> "Calendar":
        """The window of `years` that ends on `end`; ValueError unless that ends a month.

        >>> calendar = Calendar.until(date(2025, 12, 31), 6)
        >>> calendar.closing - calendar.opening + 1, len(calendar.snapshots)
        (72, 24)
        """
        if (end + timedelta(days=1)).day != 1:
            raise ValueError(f"end is {end}: give the last day of a month")
        last = np.datetime64(end, "M")
        closing = PREHISTORY + 12 * years - 1
        months = last + np.arange(-closing, HORIZON + 2)
        starts = months.astype("datetime64[D]").astype(np.int32)
        return cls(starts, PREHISTORY, closing)

    @property
    def months(self) -> int:
        """How many months there are in all."""
        return len(self.starts) - 1

    @property
    def end(self) -> int:
        """Last day of the window: nothing later is known."""
        return int(self.starts[self.closing + 1] - 1)

    @property
    def snapshots(self) -> NDArray[np.int64]:
        """The months at whose last day truth is told: each third one."""
        return np.arange(self.opening + 2, self.closing + 1, 3)

    @cached_property
    def number(self) -> NDArray[np.int64]:
        """The calendar month of each, January is 1."""
        return self.starts[:-1].astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 + 1

    def last_day(self, month: NDArray[np.int64]) -> NDArray[np.int32]:
        """The last day of each month."""
        return self.starts[month + 1] - np.int32(1)

    def day(self, month: NDArray[np.int64], share: NDArray[np.float64]) -> NDArray[np.int32]:
        """The day that lies `share` in [0, 1) into the month."""
        length = self.starts[month + 1] - self.starts[month]
        return self.starts[month] + (share * length).astype(np.int32)

    def month_of(self, day: NDArray[np.int32]) -> NDArray[np.int64]:
        """The month a day falls in; days outside fall in the first or last month."""
        return np.clip(np.searchsorted(self.starts, day, "right") - 1, 0, self.months - 1)


@dataclass(frozen=True)
class World:
    """The paths drawn for one economy: what each month adds to liquidity, by sector and country;
    the euros for one unit of each currency of EUROS."""

    calendar: Calendar
    sector: NDArray[np.float64]  # (sectors, months)
    country: NDArray[np.float64]  # (countries, months)
    rates: NDArray[np.float64]  # (currencies, months)

    @classmethod
    def draw(cls, calendar: Calendar, rng: np.random.Generator) -> "World":
        """Draw every path."""
        paths = _cycles(1 + len(SECTORS) + len(COUNTRIES), calendar.months, rng)
        common, own, country = np.split(paths, [1, 1 + len(SECTORS)])
        cyclical = np.array([[s.cyclical] for s in SECTORS])
        steps = rng.normal(0, 0.012, (len(EUROS), calendar.months))
        return cls(
            calendar,
            cyclical * (COMMON_CYCLE * common + OWN_CYCLE * own),
            COUNTRY_CYCLE * country,
            np.array([[rate] for rate in EUROS.values()]) * np.exp(np.cumsum(steps, axis=1)),
        )

    def fx(self) -> pa.Table:
        """Table `fx`: a quote on the first of each month."""
        months = np.arange(self.calendar.closing + 1)
        return _by_key(
            "currency", list(EUROS), "rate", self.rates[:, months].round(5), self._days(months)
        )

    def country_risk(self, liquidity: float) -> pa.Table:
        """Table `country_risk`: twice a year a grade 1 to 8, on the economy of the half-year."""
        risk = np.array([[c.risk] for c in COUNTRIES]) - liquidity * self.country
        months = self._publications(6)
        grade = np.clip(np.round(3 + 3 * _past(risk, months, 6)), 1, 8)
        return _by_key("country", [c.code for c in COUNTRIES], "grade", grade, self._days(months))

    def sector_risk(self, liquidity: float, base_rate: float) -> pa.Table:
        """Table `sector_risk`: each quarter the yearly failures per 100 firms of the quarter."""
        risk = np.array([[s.risk] for s in SECTORS]) - liquidity * self.sector
        months = self._publications(3)
        grade = (100 * base_rate * np.exp(_past(risk, months, 3))).round(2)
        return _by_key("sector", [s.section for s in SECTORS], "grade", grade, self._days(months))

    def _publications(self, every: int) -> NDArray[np.int64]:
        return np.arange(every, self.calendar.closing + 1, every)

    def _days(self, months: NDArray[np.int64]) -> NDArray[np.int32]:
        return self.calendar.starts[months]


def _cycles(paths: int, months: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Stochastic cycles of mean 0 and deviation 1 over the months drawn, shape (paths, months)."""
    warm_up = 2 * CYCLE_MONTHS
    shocks = rng.normal(size=(paths, warm_up + months))
    slope = 2 * CYCLE_DAMPING * np.cos(2 * np.pi / CYCLE_MONTHS)
    for t in range(2, shocks.shape[1]):
        shocks[:, t] += slope * shocks[:, t - 1] - CYCLE_DAMPING**2 * shocks[:, t - 2]
    path = shocks[:, warm_up:]
    return (path - path.mean(axis=1, keepdims=True)) / path.std(axis=1, keepdims=True)


def _past(values: NDArray[np.float64], months: NDArray[np.int64], over: int) -> NDArray[np.float64]:
    """Mean of the `over` months before each of `months`."""
    total = np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1)
    return (total[:, months] - total[:, months - over]) / over


def _by_key(
    key: str, keys: list[str], name: str, values: NDArray[np.float64], days: NDArray[np.int32]
) -> pa.Table:
    """Rows (key, day, value), sorted; `values` has shape (keys, days)."""
    on = "quoted_on" if key == "currency" else "rated_on"
    rows = sorted(zip(keys, values, strict=True))
    return pa.table(
        {
            key: np.repeat([k for k, _ in rows], len(days)),
            on: pa.array(np.tile(days, len(keys)), pa.date32()),
            name: np.concatenate([v for _, v in rows]),
        }
    )
