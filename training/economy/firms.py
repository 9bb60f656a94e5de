"""The firms of the generated economy: what each is for good.

Their liquidity reverts to a norm, and their risk is what is not liquidity, in log-odds:

    norm(t)    solidity + sector cycle(t) + country cycle(t)
    risk(t)    BASE + sector + country + size + age(t)

Solidity is what the owners have left in the firm: a gamma variable of mean 0, its left tail short
as the weakest are gone. Risk falls with the log of the headcount; age is a hump with its top in the
third year (Brüderl and Schüssler 1990, "liability of adolescence").
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from training.economy.identifiers import identifiers
from training.economy.names import LEGAL_FORMS, PUBLIC, names
from training.economy.world import COUNTRIES, SECTORS, Calendar, World

BASE = -7.9
SOLIDITY_SPREAD = 0.85
SIZE = 0.25  # log-odds per unit of log headcount
ADOLESCENCE = 0.8  # log-odds at the top of the hump, three years after foundation
MEDIAN_STAFF = 14
COMPANY, SOLE_TRADER, PUBLIC_BODY = 0, 1, 2
ENTITY_TYPES = ("company", "sole_trader", "public_body")
ENTITY_SHARES = (0.97, 0.02, 0.01)
ENTITY_RISK = np.array([0.0, 0.3, -4.0])
GROUPED = 0.04  # share of draws that make a group of two to five
FOUNDED_SINCE, JOINED_SINCE, PROSPECTS = 0.06, 0.06, 0.02  # shares of buyers, see _trade_start


@dataclass(frozen=True)
class Firms:
    """A run of buyers, one entry each; codes point into COUNTRIES, SECTORS and ENTITY_TYPES."""

    first: int  # number of the first buyer
    ids: pa.Array
    country: NDArray[np.int64]
    sector: NDArray[np.int64]
    entity: NDArray[np.int64]
    employees: NDArray[np.float64]
    revenue: NDArray[np.float64]  # of the first year, euros
    solidity: NDArray[np.float64]  # in units of liquidity
    founded: NDArray[np.int32]
    birth: NDArray[np.int64]  # first month at risk
    entry: NDArray[np.int64]  # first month of trade, after all months for a prospect
    head: NDArray[np.int64]  # position of the head of its group, its own where alone

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def draw(cls, first: int, count: int, world: World, rng: np.random.Generator) -> "Firms":
        """Draw `count` buyers, numbered from `first`."""
        calendar = world.calendar
        country = _choose([c.weight for c in COUNTRIES], count, rng)
        sector = _choose([s.weight for s in SECTORS], count, rng)
        entity = _choose(ENTITY_SHARES, count, rng)
        staff = np.clip(np.exp(rng.normal(np.log(MEDIAN_STAFF), 1.4, count)), 1, 20_000).round()
        staff = np.where(entity == SOLE_TRADER, np.minimum(staff, 4), staff)
        per_head = 1000 * np.array([s.revenue_per_head for s in SECTORS])[sector]
        founded, entry = _trade_start(count, calendar, rng)
        return cls(
            first=first,
            ids=numbered("B", np.arange(first, first + count)),
            country=country,
            sector=sector,
            entity=entity,
            employees=staff,
            revenue=staff * per_head * np.exp(rng.normal(0, 0.4, count)),
            solidity=SOLIDITY_SPREAD * (rng.gamma(4, 1 / 2, count) - 2),
            founded=founded,
            birth=np.maximum(calendar.month_of(founded), calendar.opening),
            entry=entry,
            head=_heads(count, rng),
        )

    def risk(self, calendar: Calendar) -> NDArray[np.float64]:
        """Log-odds of arrears in each month at liquidity 0 (firms, months)."""
        fixed = (
            BASE
            + np.array([s.risk for s in SECTORS])[self.sector]
            + np.array([c.risk for c in COUNTRIES])[self.country]
            + ENTITY_RISK[self.entity]
            - SIZE * np.log(self.employees / MEDIAN_STAFF)
        )
        years = np.maximum(calendar.starts[:-1] - self.founded[:, None], 0) / 365.25
        return fixed[:, None] + ADOLESCENCE * years / 3 * np.exp(1 - years / 3)

    def norm(self, world: World) -> NDArray[np.float64]:
        """What liquidity reverts to in each month (firms, months)."""
        cycles = world.sector[self.sector] + world.country[self.country]
        return self.solidity[:, None] + cycles

    @property
    def currency(self) -> pa.Array:
        """The currency of each buyer's country."""
        return pa.array(np.array([c.currency for c in COUNTRIES])[self.country])

    def table(self, rng: np.random.Generator) -> pa.Table:
        """Table `buyers`."""
        forms = np.array([LEGAL_FORMS[c.code] for c in COUNTRIES])
        column = np.where(self.entity == SOLE_TRADER, 2, (self.employees > 50).astype(int))
        public = self.entity == PUBLIC_BODY
        legal_form = pa.array(forms[self.country, column], mask=public)
        counts = np.array([len(s.divisions) for s in SECTORS])
        choice = (rng.random(len(self)) * counts[self.sector]).astype(int)
        divisions = np.concatenate([s.divisions for s in SECTORS])
        division = divisions[(np.cumsum(counts) - counts)[self.sector] + choice]
        members = np.bincount(self.head, minlength=len(self))[self.head]
        country = pa.array(np.array([c.code for c in COUNTRIES])[self.country])
        registered, vat = identifiers(country, self.first + np.arange(len(self)))
        return pa.table(
            {
                "buyer_id": self.ids,
                "name": names(self.country, np.where(public, PUBLIC, self.sector), legal_form, rng),
                "country": country,
                "sector": pc.if_else(pa.array(public), "O84", pa.array(division)),
                "legal_form": legal_form,
                "entity_type": np.array(ENTITY_TYPES)[self.entity],
                "founded_on": pa.array(self.founded, pa.date32()),
                "group_id": pc.if_else(
                    pa.array(members > 1), numbered("G", self.first + self.head), None
                ),
                "employees": self.employees,
                "registration_number": registered,
                "vat_number": vat,
            }
        )


def numbered(prefix: str, numbers: NDArray[np.int64]) -> pa.Array:
    """Ids that sort as their numbers do.

    >>> numbered("B", np.array([7])).to_pylist()
    ['B0000007']
    """
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 7, "0")
    return pc.binary_join_element_wise(pa.scalar(prefix), digits, "")


def _choose(weights: Sequence[float], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.choice(len(weights), count, p=np.array(weights) / np.sum(weights))


def _heads(count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Positions of the heads: members of a group follow each other."""
    sizes = np.where(rng.random(count) < GROUPED, rng.integers(2, 6, count), 1)
    starts = np.cumsum(sizes) - sizes
    return np.repeat(starts, sizes)[:count]


def _trade_start(
    count: int, calendar: Calendar, rng: np.random.Generator
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Foundation day and first month of trade.

    Most firms are older than the window and trade from its first month; some were founded in it
    and begin to trade within half a year; some older ones join later; prospects never trade.
    """
    opening, closing = calendar.opening, calendar.closing
    kind = rng.random(count)
    young = kind < FOUNDED_SINCE
    joined = (kind >= FOUNDED_SINCE) & (kind < FOUNDED_SINCE + JOINED_SINCE)
    later = rng.integers(opening, closing + 1, count)
    age = np.clip(rng.lognormal(np.log(14), 0.8, count), 0.25, 150) * 365.25
    founded = np.where(
        young, calendar.day(later, rng.random(count)), calendar.starts[opening] - age
    ).astype(np.int32)
    entry = np.where(young, later + rng.integers(0, 6, count), np.where(joined, later, opening))
    return founded, np.where(kind > 1 - PROSPECTS, calendar.months, entry)
